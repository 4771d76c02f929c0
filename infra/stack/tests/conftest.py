"""Fixtures for the stack's tests: most share the test run's stack, and destructive ones have their own."""

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
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that tests may kill, change and delete."""
    stack = Stack(tmp_path_factory.mktemp("checkout") / ".local", steps=Steps(quiet=True))
    stack.up()
    yield stack
    stack.delete()


@pytest.fixture
def own_run(own_stack: Stack) -> Run:
    return own_stack.up()


@pytest.fixture
def other_folder(tmp_path: Path) -> Path:
    """The state folder of another checkout."""
    folder = tmp_path / ".local"
    folder.mkdir()
    return folder
