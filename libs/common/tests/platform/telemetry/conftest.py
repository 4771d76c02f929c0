"""Fixtures: spans by name, and a program that runs with telemetry in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from solidary_testing.spans import Recorded

CANARY = "Yolanda Canario 8-123-4567"
"""A person's data; it must not be found in anything that telemetry writes."""

Spans = Callable[[], dict[str, ReadableSpan]]


@pytest.fixture
def spans(recorded: Recorded) -> Spans:
    """Return the ended spans of this test by name."""
    return lambda: {span.name: span for span in recorded()}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a program's text, with telemetry into `tmp_path` unless variables change it."""
    return partial(run_into, tmp_path)


def run_into(folder: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "SOLIDARY_TELEMETRY_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
