"""One real stack for all tests of this folder; those of its life and death come last and reuse its state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Run, Stack
from stack.steps import Steps


@pytest.fixture
def steps() -> Steps:
    return Steps(quiet=True)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("checkout") / ".local", steps=Steps(quiet=True))
    stack.up()
    yield stack
    stack.delete()


@pytest.fixture
def run(stack: Stack) -> Run:
    return stack.up()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The state folder of another checkout."""
    folder = tmp_path / ".local"
    folder.mkdir()
    return folder
