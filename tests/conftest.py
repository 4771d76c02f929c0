"""The platform with the story told into it, once per run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from demonstration.story import Story
from stack.platform import Platform, Servers
from stack.run_file import Run


@dataclass(frozen=True)
class Told:
    """A platform that runs, and what the story said."""

    run: Run
    platform: Platform
    lines: list[str]
    story: Story


@pytest.fixture(scope="session")
def told(servers: Servers) -> Iterator[Told]:
    """All services as processes on the test run's servers; the story of `make demo` told once."""
    from demonstration.telling import tell

    Platform(servers).down()
    for file in (servers.folder / "telemetry").glob("*.jsonl*"):
        file.unlink()
    platform = Platform(servers)
    lines: list[str] = []
    try:
        platform.up()
        story = asyncio.run(tell(platform.run, None, say=lines.append))
        yield Told(platform.run, platform, lines, story)
    finally:
        platform.down()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parents[1]
