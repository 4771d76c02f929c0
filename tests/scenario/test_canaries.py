"""No personal data of the scenario's people are in events, logs or traces, after it was played twice."""

from __future__ import annotations

import pytest
from solidary.platform.registry import service_names
from solidary_testing.servers import kafka_as_admin, throwaway_topics
from stack.services import all_topics

from tests.conftest import ScenarioRun
from tests.scenario.scanner import (
    Words,
    contains_any,
    content,
    decrypted,
    files_in,
    forms,
    records,
    rows,
    topics_of,
    type_of,
)

MIN_LENGTH = 5
"""The least length of a canary, for a shorter word would be found by chance."""

COUNTS = "org.solidary.intake.demand.counted.v1"
"""The events with counts of ten people or more, which have the codes of needs and population groups."""


@pytest.fixture(scope="module")
def identities(scenario_run: ScenarioRun, second_run: ScenarioRun) -> Words:
    """The names, numbers and notes of all people of both runs."""
    words = scenario_run.scenario.identities | second_run.scenario.identities
    assert len(words) >= 2 * (8 + 177), "the scenario has too few canaries"
    assert all(len(word) >= MIN_LENGTH for word in words)
    return forms(words)


@pytest.fixture(scope="module")
def statuses(scenario_run: ScenarioRun) -> Words:
    """The codes of the family's needs, population group and procedure."""
    return forms(scenario_run.scenario.statuses)


async def test_no_topic_has_personal_data(scenario_run, identities, statuses):
    read = await records(scenario_run.run, topics_of(scenario_run.run, scenario_run.run.country.lower()))
    read = decrypted(scenario_run.run, read)
    assert len(read) >= 50
    # A paused webhook concerns its own agency only, so subscriptions names no parties.
    silent = {f"{scenario_run.run.country.lower()}.subscriptions.parties"}
    assert {record.topic for record in read} >= set(all_topics(scenario_run.run.country)) - silent
    assert not [type_of(record) for record in read if contains_any(identities, content(record))]
    others = [record for record in read if type_of(record) != COUNTS]
    assert len(others) < len(read), "demand was counted"
    assert not [type_of(record) for record in others if contains_any(statuses, content(record))]


def test_no_log_and_no_trace_has_personal_data(scenario_run, identities, statuses):
    files = files_in(scenario_run.platform.stack.folder)
    assert {file.name.split("-")[0] for file in files} >= {"traces", "logs"}
    assert not [file.name for file in files if contains_any({*identities, *statuses}, file.read_bytes())]


@pytest.mark.parametrize("service", service_names())
def test_no_table_of_the_machinery_has_personal_data(scenario_run, service, identities, statuses):
    # These tables have feeds, parked events, arguments of jobs and idempotency keys.
    for table, row in rows(scenario_run.run, service, "machinery"):
        text = row.encode()
        assert not contains_any(identities, text), table
        assert COUNTS in row or not contains_any(statuses, text), table


@pytest.mark.parametrize("service", service_names())
def test_no_table_has_an_identity_in_plain_text(scenario_run, service, identities):
    # Other services have no identities; intake encrypts them with the key of the person.
    found = rows(scenario_run.run, service, "data")
    assert not {table for table, row in found if contains_any(identities, row.encode())}


async def test_planted_canary_is_found_in_topics_and_files(scenario_run, tmp_path, identities):
    # A scanner that finds nothing may be broken, so each place is tried with a planted word.
    name = max(scenario_run.scenario.identities, key=len)
    planted = f'{{"note": "{name.upper()}"}}'.encode()
    with throwaway_topics(scenario_run.run, "intake.cases", partitions=3) as country:
        async with kafka_as_admin(scenario_run.run).producer() as producer:
            for partition in range(3):
                await producer.send_and_wait(f"{country}.intake.cases", b"{}", partition=partition)
            await producer.send_and_wait(
                f"{country}.intake.cases", b"{}", headers=[("note", planted)], partition=2
            )
        read = await records(scenario_run.run, topics_of(scenario_run.run, country))
    assert [contains_any(identities, content(record)) for record in read].count(True) == 1 == len(read) - 3
    for part in ("logs", "telemetry/older"):
        (tmp_path / part).mkdir(parents=True)
        (tmp_path / part / "traces-1.jsonl.1").write_bytes(b"\n" * 9000 + planted)
    assert [contains_any(identities, file.read_bytes()) for file in files_in(tmp_path)] == [True, True]
