"""The platform with the story told into it, once per run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from uuid import UUID

import pytest
from demonstration import __main__ as program
from demonstration import telling
from demonstration.story import Story
from solidary.platform.identity import Duty
from stack import Stack
from stack.agencies import AGENCIES
from stack.platform import Platform, Servers
from stack.run_file import Run
from stack.services import SERVICES

from tests.isolation.places import Row, rows_of
from tests.isolation.walks import Walk


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
    Platform(servers).down()
    for file in (servers.folder / "telemetry").glob("*.jsonl*"):
        file.unlink()
    platform = Platform(servers)
    lines: list[str] = []
    try:
        platform.up()
        story = asyncio.run(telling.tell(platform.run, None, say=lines.append))
        yield Told(platform.run, platform, lines, story)
    finally:
        platform.down()


@pytest.fixture(scope="session")
def retold(told: Told, stack: Stack, request: pytest.FixtureRequest) -> Told:
    """The story told again by `make demo` itself, which finds the platform; in the real city where that is at hand."""
    stories: list[Story] = []

    async def remembering(run: Run, city: Path | None) -> Story:
        stories.append(await telling.tell(run, city))
        return stories[-1]

    try:
        city = ["--city", str(request.getfixturevalue("shared") / "panama-un-habitat")]
    except pytest.skip.Exception:
        city = []
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.setenv("SOLIDARY_STATE", str(stack.folder))
        patch.setattr(program, "tell", remembering)
        patch.setattr(sys, "argv", ["demonstration", "play", *city])
        with pytest.raises(SystemExit) as ended:
            program.main()
    assert ended.value.code == 0, said.getvalue()
    return Told(told.run, told.platform, said.getvalue().splitlines(), stories[0])


@pytest.fixture(scope="module")
def held(told: Told) -> dict[str, list[Row]]:
    """What the story left in each table: `service.table` → rows."""
    return dict(chain.from_iterable(rows_of(told.run, name).items() for name in SERVICES))


@pytest.fixture(scope="module")
def everybody(tokens) -> dict[UUID, dict[str, str]]:
    """For each agency, somebody who holds every duty there."""
    return {tokens.agency(agency.alias): tokens.of(agency.alias, *Duty) for agency in AGENCIES}


@pytest.fixture(scope="module")
def caller(tokens, everybody):
    """Who calls a route for an agency: a person, or the service that the route is for."""

    def of(walk: Walk, agency: UUID) -> dict[str, str]:
        if walk.declaration.reach == "service":
            return tokens.service(sorted(walk.declaration.services)[0], acting_for=agency)
        return everybody[agency]

    return of


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parents[1]
