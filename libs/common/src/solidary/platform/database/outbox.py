"""The outbox: a transaction's events, written together with its rows by one statement.

The statement counts each aggregate's events, which locks the aggregate and so keeps the order of the outbox. It adds
two rows for each event: the event itself for its topic, and a notice that names the agencies concerned, for their
feeds (`solidary.platform.messaging.notices`). Its notification wakes the relay when the transaction commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from solidary.language.events import Event
from solidary.language.events.envelope import EVENT_BYTES
from solidary.language.events.event import Audience, stream
from solidary.language.notices import NOTICE_TYPE, notice_payload, notice_stream
from solidary.language.problems import Problem

INSERT_EVENTS = """
WITH event AS (
    SELECT *, count(*) OVER (PARTITION BY aggregateid) AS total,
        row_number() OVER (PARTITION BY aggregateid ORDER BY number) AS nth
    FROM unnest(%(id)s::uuid[], %(aggregatetype)s::text[], %(aggregateid)s::text[], %(type)s::text[],
        %(payload)s::text[], %(agency)s::uuid[], %(notice_stream)s::text[], %(notice)s::text[])
        WITH ORDINALITY AS t(id, aggregatetype, aggregateid, type, payload, agency, notice_stream, notice, number)
), counted AS (
    INSERT INTO machinery.aggregate_sequence AS aggregate (aggregateid, sequence)
    SELECT aggregateid, max(total) FROM event GROUP BY aggregateid ORDER BY aggregateid
    ON CONFLICT (aggregateid) DO UPDATE SET sequence = aggregate.sequence + excluded.sequence
    RETURNING aggregateid, sequence
), placed AS MATERIALIZED (
    SELECT nextval('machinery.outbox_position') AS position, numbered.* FROM (
        SELECT event.id, event.aggregateid, event.agency, sent.aggregatetype, sent.type, sent.payload,
            counted.sequence - event.total + event.nth AS sequence
        FROM event JOIN counted USING (aggregateid) CROSS JOIN LATERAL (VALUES
            (event.aggregatetype, event.type, event.payload),
            (event.notice_stream, %(notice_type)s, event.notice)) AS sent(aggregatetype, type, payload)
        WHERE sent.aggregatetype IS NOT NULL ORDER BY event.number
    ) AS numbered
), written AS (
    INSERT INTO machinery.outbox
        (position, id, aggregatetype, aggregateid, type, payload, agency, sequence, traceparent, time)
    SELECT position, id, aggregatetype, aggregateid, type, payload, agency, sequence, %(traceparent)s::text,
        %(time)s::timestamptz
    FROM placed
)
SELECT pg_notify('outbox', '')
"""


class EventTooLarge(Problem):
    """An event would be larger than a batch that the relay can send to Kafka."""

    status, slug, title = 422, "event-too-large", "The request is too large for one event"
    action = "Split the request into smaller ones."


@dataclass(frozen=True, slots=True)
class Publication:
    """An event that a unit of work publishes when it commits.

    `parties` are the agencies beside its owner whose feeds show it. They are no part of the event.
    """

    event: Event
    agency: UUID
    parties: tuple[UUID, ...] = ()


class Statements(Protocol):
    """A unit of work, as far as the outbox needs it."""

    async def execute(self, statement: str, values: Mapping[str, object]) -> Sequence[Sequence[Any]]: ...


async def write(
    unit: Statements, publications: Sequence[Publication], *, time: datetime, traceparent: str | None
) -> None:
    """Write all events of a transaction in one statement. Raises EventTooLarge."""
    await unit.execute(INSERT_EVENTS, parameters(publications, time=time, traceparent=traceparent))


def parameters(
    publications: Sequence[Publication], *, time: datetime, traceparent: str | None
) -> dict[str, object]:
    """Return the parameters of `INSERT_EVENTS`. Raises EventTooLarge."""
    events = [publication.event for publication in publications]
    payloads = [event.model_dump_json() for event in events]
    for event, payload in zip(events, payloads, strict=True):
        size = len(payload.encode())
        if size > EVENT_BYTES:
            raise EventTooLarge(
                f"The event {event.aggregate} {event.fact} would have {size:,} bytes; "
                f"at most {EVENT_BYTES:,} are possible."
            )
    return {
        "id": [uuid4() for _ in events],
        "aggregatetype": [
            stream(type(event)) if event.audience is not Audience.PARTIES else None for event in events
        ],
        "aggregateid": [event.key for event in events],
        "type": [event.type for event in events],
        "payload": payloads,
        "agency": [publication.agency for publication in publications],
        "notice_stream": [notice_stream(event.service) for event in events],
        "notice": [
            notice_payload(publication.event, payload, (publication.agency, *publication.parties))
            for publication, payload in zip(publications, payloads, strict=True)
        ],
        "notice_type": NOTICE_TYPE,
        "traceparent": traceparent,
        "time": time,
    }
