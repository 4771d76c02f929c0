"""Servers in containers, as far as that shows without an engine (docs/operating/stack.md says how they were run)."""

from __future__ import annotations

from pathlib import Path

import pytest
from solidary_testing.containers import Containers, NoEngine
from stack.steps import Steps


def test_where_no_engine_answers_that_is_said_with_what_to_do(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    with pytest.raises(NoEngine, match=r"no Docker engine answers: .*\n.*DOCKER_HOST"):
        Containers(tmp_path / "state", steps=Steps(quiet=True)).up()
    assert not (tmp_path / "state" / "run.json").exists()
