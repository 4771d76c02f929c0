"""Nothing of the stories' people is on the bus, in a log or in a trace: two families and two crowds."""

from __future__ import annotations

import pytest
from solidary_testing.servers import kafka_as_admin, throwaway_topics
from stack.services import SERVICES, topic

from tests.conftest import Told
from tests.story.scanner import Words, files_in, forms, holds, records, rows, said_in, topics_of, type_of

SHORTEST = 5
"""A canary shorter than this would be found by chance."""

COUNTS = "org.solidary.intake.demand.counted.v1"
"""How many of a group need something, ten or more: words of a status and of a need, of nobody in particular."""


@pytest.fixture(scope="module")
def identities(told: Told, retold: Told) -> Words:
    """Names, numbers and notes of everybody in both tellings."""
    words = told.story.private | retold.story.private
    assert len(words) >= 2 * (8 + 177), "the stories say too little of what is private"
    assert all(len(word) >= SHORTEST for word in words)
    return forms(words)


@pytest.fixture(scope="module")
def statuses(told: Told) -> Words:
    """What the family needs and is, in the codes in which intake keeps it."""
    return forms(told.story.statuses)


async def test_no_topic_holds_anything_of_a_person(told, identities, statuses):
    read = await records(told.run, topics_of(told.run, told.run.country.lower()))
    assert len(read) >= 50
    assert {record.topic for record in read} >= {topic(told.run.country, service) for service in SERVICES}
    assert not [type_of(record) for record in read if holds(identities, said_in(record))]
    of_one = [record for record in read if type_of(record) != COUNTS]
    assert len(of_one) < len(read), "the crowd was counted"
    assert not [type_of(record) for record in of_one if holds(statuses, said_in(record))]


def test_no_log_and_no_trace_holds_anything_of_a_person(told, identities, statuses):
    files = files_in(told.platform.stack.folder)
    assert {file.name.split("-")[0] for file in files} >= {"traces", "logs"}
    assert not [file.name for file in files if holds({*identities, *statuses}, file.read_bytes())]


@pytest.mark.parametrize("service", SERVICES)
def test_no_feed_and_no_machinery_holds_anything_of_a_person(told, service, identities, statuses):
    """Also not where the bus's copies are kept: feeds, parked events, jobs' arguments, idempotency."""
    for table, row in rows(told.run, service, "machinery"):
        said = row.encode()
        assert not holds(identities, said), table
        assert COUNTS in row or not holds(statuses, said), table


@pytest.mark.parametrize("service", SERVICES)
def test_no_database_holds_a_persons_identity_in_words(told, service, identities):
    """Outside intake it is not there; in intake it is sealed with the person's key."""
    assert not {table for table, row in rows(told.run, service, "data") if holds(identities, row.encode())}


async def test_a_planted_canary_is_found_wherever_it_is_looked_for(told, tmp_path, identities):
    """What looks for nothing finds nothing; so each place is tried with one word in it."""
    name = max(told.story.private, key=len)
    planted = f'{{"note": "{name.upper()}"}}'.encode()
    with throwaway_topics(told.run, "intake", partitions=3) as country:
        async with kafka_as_admin(told.run).producer() as producer:
            for partition in range(3):
                await producer.send_and_wait(f"{country}.intake", b"{}", partition=partition)
            await producer.send_and_wait(f"{country}.intake", b"{}", headers=[("note", planted)], partition=2)
        read = await records(told.run, topics_of(told.run, country))
    assert [holds(identities, said_in(record)) for record in read].count(True) == 1 == len(read) - 3
    for part in ("logs", "telemetry/older"):
        (tmp_path / part).mkdir(parents=True)
        (tmp_path / part / "traces-1.jsonl.1").write_bytes(b"\n" * 9000 + planted)
    assert [holds(identities, file.read_bytes()) for file in files_in(tmp_path)] == [True, True]
