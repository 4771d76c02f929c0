"""Servers in containers, as far as they can be tested without an engine (docs/operating/stack.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from solidary_testing.containers import Containers, NoEngine
from stack.steps import Steps


def test_missing_engine_is_reported_with_what_to_do(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    with pytest.raises(NoEngine, match=r"No Docker engine can be reached: .*\n.*DOCKER_HOST"):
        Containers(tmp_path / "state", steps=Steps(quiet=True)).up()
    assert not (tmp_path / "state" / "run.json").exists()
