"""What the tests of the referrals service share: where published material lies, and a command runner."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from referrals.__main__ import app
from typer.testing import CliRunner

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def hsds() -> Path:
    """Open Referral's own schemas and examples (CC BY-SA 4.0), read and never copied."""
    folder = SHARED / "data" / "hsds-3.1"
    if not folder.is_dir():
        pytest.skip(f"the HSDS 3.1 material is not at {folder} (SOLIDARY_SHARED says where)")
    return folder


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """`run("open", path)` as `python -m referrals open path` would be."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])
