"""Most tests here share the test run's stack; those that kill, change and delete have one of their own."""

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
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for rough treatment."""
    stack = Stack(tmp_path_factory.mktemp("checkout") / ".local", steps=Steps(quiet=True))
    stack.up()
    yield stack
    stack.delete()


@pytest.fixture
def own_run(own: Stack) -> Run:
    return own.up()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The state folder of another checkout."""
    folder = tmp_path / ".local"
    folder.mkdir()
    return folder
