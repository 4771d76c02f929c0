"""The whole scenario on the real servers, and its steps as an operator sees them."""

from __future__ import annotations

import subprocess
import sys

import httpx
import psycopg
import pytest
from solidary.platform.registry import service_names
from solidary_testing import eventually


def test_every_part_is_played_and_every_step_names_its_user(scenario_run):
    parts = [line.strip() for line in scenario_run.lines if line.startswith("\n")]
    steps = [line for line in scenario_run.lines if line.startswith("  ")]
    assert [part[0] for part in parts] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert len(steps) >= 25
    assert all(":" in step for step in steps)


@pytest.mark.parametrize("service", service_names())
async def test_outboxes_are_empty_after_the_scenario(scenario_run, service):
    async with httpx.AsyncClient(base_url=scenario_run.run.services[service]) as client:

        async def sent() -> bool:
            return (await client.get("/health/ready")).json()["oldest_unsent_seconds"] is None

        await eventually(sent, what=f"an empty outbox in {service}")
        assert not (await client.get("/health/ready")).json()["parked_keys"]


def test_scenario_can_be_played_again_on_the_running_platform(scenario_run, second_run):
    assert [step_of(line) for line in second_run.lines if is_step(line)] == [
        step_of(line) for line in scenario_run.lines if is_step(line)
    ]
    assert second_run.lines[-1] == "The scenario has been played."
    family = scenario_run.scenario.identities - second_run.scenario.identities
    assert len(family) >= 8, "each run has a family of its own"
    assert scenario_run.platform.stack.processes.find("intake"), "the platform is still running"


def is_step(line: str) -> bool:
    return line.startswith("  ")


def step_of(line: str) -> str:
    """Return the number of a step and its user."""
    return line.partition(":")[0]


async def test_real_city_is_imported_completely(second_run, shared):
    assert any("468" in line for line in second_run.lines), "the 468 cells of La Chorrera are reported"


def test_trace_continues_over_kafka_into_other_services(scenario_run):
    folder = scenario_run.platform.stack.folder / "telemetry"
    seen: dict[str, str] = {}
    for trace in scenario_run.scenario.traces:
        shown = subprocess.run(
            [sys.executable, "-m", "solidary.platform.telemetry.trace_viewer", trace, "--dir", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        services = {name for name in service_names() if name in shown.stdout}
        if len(services) >= 2:
            seen[trace] = shown.stdout
        if len(seen) >= 2:
            break
    assert seen, "no trace of a request continued in another service"


async def test_every_event_reaches_a_feed_and_none_stays_in_an_outbox(scenario_run):
    admin = scenario_run.run.postgres.admin

    async def published() -> dict[str, int] | None:
        counts = {}
        for name in service_names():
            with psycopg.connect(admin, dbname=name) as connection:
                events, unsent = connection.execute(
                    """SELECT (SELECT coalesce(sum(sequence), 0)::int FROM machinery.aggregate_sequence),
                    (SELECT count(*) FROM machinery.outbox)"""
                ).fetchone()
            if events:
                counts[name] = events
            if unsent:
                return None
        return counts

    async def all_are_in_feeds() -> bool:
        counts = await published()
        with psycopg.connect(admin, dbname="subscriptions") as connection:
            found = connection.execute(
                "SELECT split_part(source, '/', 3), count(DISTINCT id) FROM data.event GROUP BY 1"
            ).fetchall()
        return counts is not None and dict(found) == counts

    await eventually(all_are_in_feeds, what="every event is in a feed")
