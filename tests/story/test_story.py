"""The whole story on the real servers, and its steps as an operator sees them."""

from __future__ import annotations

import subprocess
import sys

import httpx
import psycopg
import pytest
from solidary_testing import eventually
from stack.services import SERVICES


def test_every_chapter_is_told_and_every_step_says_who_did_it(told):
    chapters = [line.strip() for line in told.lines if line.startswith("\n")]
    steps = [line for line in told.lines if line.startswith("  ")]
    assert [chapter[0] for chapter in chapters] == ["1", "2", "3", "4", "3", "5"]
    assert len(steps) >= 25
    assert all(":" in step for step in steps)


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_waits_when_the_story_is_told(told, service):
    async with httpx.AsyncClient(base_url=told.run.services[service]) as client:

        async def sent() -> bool:
            return (await client.get("/health/ready")).json()["oldest_unsent_seconds"] is None

        await eventually(sent, what=f"an empty outbox in {service}")
        assert not (await client.get("/health/ready")).json()["parked_keys"]


def test_the_story_can_be_told_again_beside_the_first(told, retold):
    """By `make demo` on the running platform: another family, the same steps, and nothing stops."""
    assert [step_of(line) for line in retold.lines if is_step(line)] == [
        step_of(line) for line in told.lines if is_step(line)
    ]
    assert retold.lines[-1] == "The story is told."
    family = set(told.story.private) - set(retold.story.private)
    assert len(family) >= 8, "each telling has a family of its own"
    assert told.platform.stack.processes.find("intake"), "what was running goes on"


def is_step(line: str) -> bool:
    return line.startswith("  ")


def step_of(line: str) -> str:
    """A step's number, and who did it."""
    return line.partition(":")[0]


async def test_the_real_city_comes_in_whole(retold, shared):
    assert any("468" in line for line in retold.lines), "the 468 cells of La Chorrera are said"


def test_one_story_is_a_tree_across_services(told):
    """A request's trace goes on over outbox and Kafka into the services that react to it."""
    folder = told.platform.stack.folder / "telemetry"
    seen: dict[str, str] = {}
    for trace in told.story.traces:
        shown = subprocess.run(
            [sys.executable, "-m", "solidary.platform.telemetry.trace_viewer", trace, "--dir", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        services = {name for name in SERVICES if name in shown.stdout}
        if len(services) >= 2:
            seen[trace] = shown.stdout
        if len(seen) >= 2:
            break
    assert seen, "no request of the story went on into another service"


def test_a_request_costs_no_more_than_a_few_rows_of_machinery(told):
    """Every event that any service told stands in exactly one feed row per agency concerned, and in no outbox."""
    for name in SERVICES:
        with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
            told_events, fed = connection.execute(
                "SELECT (SELECT sum(sequence) FROM machinery.stream), (SELECT count(DISTINCT id) FROM machinery.feed)"
            ).fetchone()
        assert told_events == fed, name
