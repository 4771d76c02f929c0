"""Fixtures for the stack's tests: most share the test run's stack, and destructive ones have their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stack import Run, Stack
from stack.steps import Steps

ROOT = Path(__file__).resolve().parents[3]
ComposeConfig = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def compose_config() -> ComposeConfig:
    """A function that lets Docker Compose's own parser, which needs no engine, read a compose file with variables."""
    parser = _compose_parser()
    if parser is None:
        pytest.skip("Docker Compose is not installed; docs/operating/stack.md shows how to build its parser")

    def read(file: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SOLIDARY_")}
        command = [*parser, "-f", str(ROOT / file), *options, "config"]
        return subprocess.run(
            command, env=kept | variables, cwd=ROOT, capture_output=True, text=True, check=False
        )

    return read


def _compose_parser() -> list[str] | None:
    """Return the command of Docker Compose, or of the program in SOLIDARY_COMPOSE."""
    for candidate in (os.environ.get("SOLIDARY_COMPOSE"), "docker-compose"):
        if candidate and shutil.which(candidate):
            return [candidate]
    plugin = ["docker", "compose"]
    if (
        shutil.which("docker")
        and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode
    ):
        return plugin
    return None


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
