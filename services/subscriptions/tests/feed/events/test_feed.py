"""`GET /events`: each agency's events, none skipped, none twice, those of each aggregate in order."""

from __future__ import annotations

import asyncio
import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.web.cursors import encode_cursor
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from subscriptions.feed.events import queries, waiting
from subscriptions.feed.events.jobs import purge
from subscriptions.feed.events.projection import append_to_feeds

from services.subscriptions.tests.notices import notice, record_of

TYPE, OTHER = "org.solidary.referrals.referral.accepted.v1", "org.solidary.cash.payment.delivered.v1"


@dataclass
class Reader:
    """A reader of one agency's feed, with its cursor."""

    api: httpx.AsyncClient
    headers: dict[str, str]
    after: str | None = None
    seen: list[dict] = field(default_factory=list)

    async def get(self, **query) -> httpx.Response:
        query |= {"after": self.after} if self.after else {}
        return await self.api.get("/events", params=query, headers=self.headers)

    async def page(self, **query) -> list[tuple[str, int]]:
        answer = (await self.get(**query)).raise_for_status().json()
        self.after = answer["next"]
        self.seen += answer["items"]
        return [(item["subject"], item["sequence"]) for item in answer["items"]]

    async def remaining(self, **query) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        while page := await self.page(**query):
            found += page
        return found


@pytest.fixture
def reader(api, tokens):
    return lambda agency: Reader(api, tokens.of(agency, Duty.INTEGRATOR))


@pytest.fixture
def append(database, service):
    async def append(*notices) -> None:
        async with database.unit_for_service(service.principal) as unit:
            await append_to_feeds(unit, notices)

    return append


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:solidary:problem:")


async def test_owner_and_parties_have_the_event_and_nobody_else(append, reader, tokens):
    owner, party = tokens.agency("unhcr"), tokens.agency("chorrera")
    sent = notice(agency=owner, parties=[party], data={"referral_id": "r"})
    await append(sent)
    for alias in ("unhcr", "chorrera"):
        feed = reader(alias)
        await feed.remaining()
        (event,) = [event for event in feed.seen if event["id"] == str(sent.id)]
        assert event["agency"] == str(owner)
        assert (event["type"], event["source"], event["data"]) == (
            TYPE,
            "/pa/referrals",
            {"referral_id": "r"},
        )
        assert "agencies" not in event
    stranger = reader("casa-abierta")
    assert str(sent.subject) not in dict(await stranger.remaining())


async def test_late_commit_is_never_skipped(database, service, service_database, reader, tokens):
    """Append in a second transaction while the first one has not committed."""
    feed, agency = reader("manos-vecinas"), tokens.agency("manos-vecinas")
    first, second = notice(agency=agency), notice(agency=agency)
    slow = database.unit_for_service(service.principal)
    await append_to_feeds(slow, [first])

    async def append_second() -> None:
        async with database.unit_for_service(service.principal) as unit:
            await append_to_feeds(unit, [second])

    async def waits() -> bool:
        with psycopg.connect(service_database.admin) as admin:
            (waiting,) = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
        return waiting > 0

    later = asyncio.create_task(append_second())
    await eventually(waits, what="the second transaction waits for the first")
    assert await feed.remaining() == []
    await slow.__aexit__(None, None, None)
    await later
    assert await feed.remaining() == [(first.subject, 1), (second.subject, 1)]


async def test_reader_misses_no_event_of_many_writers(run, service, service_database, reader, tokens):
    page_sizes, agency = random.Random(20_26), tokens.agency("iom")
    others = [tokens.agency(alias) for alias in ("unhabitat", "chorrera")]
    database = Database(service_database.roles["app"], service="subscriptions", country="pa", pool_size=6)
    feed, subjects = reader("iom"), [[str(uuid4()) for _ in range(3)] for _ in range(6)]

    async def write(number: int) -> None:
        chances, sequences = random.Random(number), defaultdict(int)
        for _ in range(15):
            batch = []
            for subject in chances.choices(subjects[number], k=chances.randint(1, 6)):
                sequences[subject] += 1
                parties = chances.sample(others, chances.randint(0, 2))
                batch.append(
                    notice(agency=agency, parties=parties, subject=subject, sequence=sequences[subject])
                )
            async with database.unit_for_service(service.principal) as unit:
                await append_to_feeds(unit, batch)
        total[number] = sum(sequences.values())

    total: dict[int, int] = {}
    writing = asyncio.gather(*(write(number) for number in range(6)))
    seen: list[tuple[str, int]] = []
    while not writing.done():
        seen += await feed.page(limit=page_sizes.randint(1, 7))
    await writing
    seen += await feed.remaining()
    await database.close()
    by_subject = defaultdict(list)
    for subject, sequence in seen:
        by_subject[subject].append(sequence)
    assert len(seen) == sum(total.values())
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in by_subject.values())


async def test_event_twice_is_in_the_feed_once(append, reader, tokens):
    feed, agency = reader("unhabitat"), tokens.agency("unhabitat")
    await feed.remaining()
    sent = notice(agency=agency)
    await append(sent)
    await append(sent, notice(agency=agency))
    assert len(await feed.remaining()) == 2


async def test_encrypted_notice_has_one_effect_and_a_spoiled_one_is_parked(
    run, service, service_database, database, reader, tokens, monkeypatch
):
    monkeypatch.setattr("solidary.platform.messaging.consumer.BACKOFF_SECONDS", (0.0, 0.0, 0.0))
    kafka, agency, (subscriber,) = kafka_as_admin(run), tokens.agency("manos-vecinas"), service.subscribers
    consumer = Consumer(subscriber, database, kafka, principal=service.principal, topics=[])
    feed = reader("manos-vecinas")
    await feed.remaining()
    good, spoiled = (record_of(kafka.notice_cipher, notice(agency=agency)) for _ in range(2))
    spoiled = replace(spoiled, value=spoiled.value[:-1])
    await consumer.handle_batch([good, spoiled, good])
    await consumer.handle_batch([good])
    assert len(await feed.remaining()) == 1
    with psycopg.connect(service_database.admin) as admin:
        parked = admin.execute("SELECT key FROM machinery.parked_key").fetchall()
    assert parked == [(spoiled.key,)], "the key is a digest, and no case"


async def test_only_events_of_the_types_are_shown_and_the_cursor_passes_the_others(
    append, reader, tokens, monkeypatch
):
    monkeypatch.setattr(queries, "SCANNED", 4)
    feed, agency = reader("casa-abierta"), tokens.agency("casa-abierta")
    await feed.remaining()
    wanted = [notice(agency=agency, type=OTHER) for _ in range(2)]
    await append(wanted[0], *(notice(agency=agency) for _ in range(9)), wanted[1])
    found, pages = [], 0
    while True:
        answer = (await feed.get(type=[OTHER], limit=10)).raise_for_status().json()
        feed.after, pages = answer["next"], pages + 1
        found += [event["id"] for event in answer["items"]]
        if not answer["has_more"]:
            break
    assert (found, pages) == ([str(each.id) for each in wanted], 3)


async def test_type_that_does_not_exist_is_refused_with_its_place(reader):
    answer = await reader("unhcr").get(type=[TYPE, TYPE.replace("accepted", "acepted")])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: type")


async def test_cursor_of_another_agency_is_unknown(append, reader, tokens):
    ours, theirs = reader("unhcr"), reader("iom")
    await append(notice(agency=tokens.agency("unhcr"), parties=[tokens.agency("iom")]))
    await ours.remaining()
    theirs.after = ours.after
    assert problem(await theirs.get()) == (410, "feed-cursor-unknown")


async def test_cursor_ahead_of_the_feed_or_of_another_database_is_unknown(reader, service_database):
    feed = reader("chorrera")
    answer = (await feed.get()).json()
    with psycopg.connect(service_database.admin) as admin:
        (epoch,) = admin.execute("SELECT machinery.current_feed_epoch()").fetchone()
    for cursor in (encode_cursor(epoch, 0), encode_cursor(uuid4(), 0)):
        feed.after = cursor
        assert problem(await feed.get()) == (410, "feed-cursor-unknown")
    epoch, _ = json.loads(urlsafe_b64decode(answer["next"]))
    feed.after = encode_cursor(epoch, 10**9)
    assert problem(await feed.get()) == (410, "feed-cursor-unknown")


@pytest.mark.parametrize("position", ["Infinity", "-1", "1e300", str(2**63), "NaN", '"x"'])
async def test_cursor_with_an_impossible_position_is_refused_with_its_place(reader, position):
    feed = reader("unhcr")
    feed.after = urlsafe_b64encode(f'["{uuid4()}", {position}]'.encode()).decode()
    answer = await feed.get()
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: after")


async def test_cursor_before_purged_events_is_old(append, database, service_database, reader, tokens):
    agency = tokens.agency("chorrera")
    behind, ahead = reader("chorrera"), reader("chorrera")
    await behind.remaining()
    await append(notice(agency=agency), notice(agency=agency))
    await ahead.remaining()
    with psycopg.connect(service_database.admin) as admin:
        admin.execute(
            "UPDATE data.event SET received = now() - interval '1 year' WHERE agency = %s", [agency]
        )
    await purge(database, timedelta(days=30), rows=1)
    kept = notice(agency=agency)
    await append(kept)
    assert problem(await behind.get()) == (410, "feed-purged")
    assert await ahead.remaining() == [(kept.subject, 1)]
    behind.after = None
    assert await behind.remaining() == [(kept.subject, 1)]


async def test_waiting_request_is_answered_when_an_event_comes(append, reader, tokens):
    feed, agency = reader("iom"), tokens.agency("iom")
    await feed.remaining()
    waits = asyncio.create_task(feed.page(wait=30))
    others = notice(agency=tokens.agency("unhcr"))
    await append(others)
    ours = notice(agency=agency)
    await append(ours)
    assert await waits == [(ours.subject, 1)]


async def test_request_that_waits_for_nothing_ends_without_events(reader):
    feed = reader("iom")
    await feed.remaining()
    assert await feed.page(wait=1) == []
    assert (await feed.get(wait=31)).status_code == 422


async def test_waiting_requests_of_an_agency_are_bounded(append, reader, tokens, monkeypatch, database):
    monkeypatch.setattr(waiting, "WAITING_PER_AGENCY", 2)
    feed, agency = reader("unhcr"), tokens.agency("unhcr")
    await feed.remaining()
    first = [asyncio.create_task(feed.get(wait=30)) for _ in range(3)]
    done, pending = await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    assert problem(done.pop().result()) == (429, "feed-too-many-waiting")
    assert (await reader("chorrera").get(wait=1)).status_code == 200, "another agency may wait"
    await append(notice(agency=agency))
    assert [len(answer.json()["items"]) for answer in await asyncio.gather(*pending)] == [1, 1]
