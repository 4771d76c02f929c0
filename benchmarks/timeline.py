"""Payments on the timelines of households, as intake's subscriber of cash adds them, over three sizes.

Each batch is one transaction with its inbox, as the consumer fetches it; Kafka is left out. The peer writes the same
rows by bare SQL, without policies, triggers, inbox or a look at what is recorded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from intake.service import service
from solidary.language.events import Envelope, encode
from solidary.language.events.cash import PaymentDelivered
from solidary.platform.database import Database
from solidary.platform.messaging.consumer import PROJECTION_BATCH, Consumer
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.record import Record
from solidary_testing.servers import TestDatabase, throwaway_database
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import servers
from benchmarks._service import growth

SIZES = (2_000, 10_000, 100_000)
RATE, MAX_EXPONENT, MAX_RATIO = 5_000, 1.1, 8
AGENCY, PAYER, CLERK = UUID(int=7), UUID(int=8), UUID(int=9)

FILL = """
INSERT INTO data.household (id, root, area)
SELECT md5('household ' || n)::uuid, md5('household ' || n)::uuid, 'PA110403' FROM generate_series(1, %(count)s) n;
INSERT INTO data.person (id, root, household_id, relation, sex, population_group, state, language, indexed_by, identity)
SELECT id, id, md5('household ' || n)::uuid, relation, 'female', 'asylum_seeker', 'registered', 'spa', '-', ''
FROM generate_series(1, %(count)s) n, (VALUES ('head'), ('child')) AS r (relation),
    LATERAL (SELECT md5(relation || n)::uuid AS id) i;
SET session_replication_role = replica;
INSERT INTO data.consent_use (id, root, consent_id, package_id, person_id, household_id, service)
SELECT id, id, id, id, md5('head' || n)::uuid, md5('household ' || n)::uuid, 'cash'
FROM generate_series(1, %(count)s) n, LATERAL (SELECT md5('enrolment ' || n)::uuid AS id) i;
INSERT INTO machinery.aggregate_owner (root, agency) SELECT id, agency FROM data.consent_use;
SET session_replication_role = DEFAULT;
INSERT INTO data.legal_hold (id, root, kind, reference, until)
SELECT gen_random_uuid(), md5('head' || n)::uuid, 'open_payment', gen_random_uuid(), current_date + 90
FROM generate_series(1, %(count)s) n;
"""
"""Uses without their consents, which the projection does not read."""
BARE_TABLES = """
CREATE SCHEMA bare;
CREATE TABLE bare.entry (LIKE data.timeline_entry INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE bare.hold (LIKE data.legal_hold INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE bare.open AS SELECT * FROM data.legal_hold;
CREATE INDEX ON bare.open (root);
"""
BARE = """
WITH payment AS (
    SELECT u.id, p.id AS person, p.relation, p.agency FROM unnest(%(enrolments)s::uuid[]) e (id)
    JOIN data.consent_use u USING (id) JOIN data.person p USING (household_id)
), entry AS (
    INSERT INTO bare.entry (id, agency, root, at, kind, reference, recorded_by)
    SELECT gen_random_uuid(), agency, person, now(), 'payment_delivered', id, agency FROM payment
), hold AS (
    INSERT INTO bare.hold (id, agency, root, kind, reference, until, recorded_by)
    SELECT gen_random_uuid(), agency, person, 'financial_records', id, current_date, agency
    FROM payment WHERE relation = 'head'
)
UPDATE bare.open o SET lifted = now() FROM payment p WHERE o.root = p.person
"""


def measure() -> BenchmarkResult:
    """Measure the events per second at each size, and their growth over the sizes."""
    seconds: dict[int, tuple[float, float]] = {}
    with servers() as run:
        for size in SIZES:
            seconds[size] = asyncio.run(_measure(run, size))
    rows: list[dict[str, object]] = [
        {
            "payments": size,
            "events/s": round(size / ours),
            "bare SQL, rows of as many events/s": round(size / bare),
            "ratio": ours / bare,
        }
        for size, (ours, bare) in seconds.items()
    ]
    ours, bare = seconds[SIZES[-1]]
    exponent = growth({size: each for size, (each, _) in seconds.items()})
    claims = [
        Claim("payments per second on the timelines of households of two", SIZES[-1] / ours, RATE),
        Claim("exponent of growth", exponent, MAX_EXPONENT, at_least=False),
        Claim("ours / bare SQL", ours / bare, MAX_RATIO, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


async def _measure(run: Run, size: int) -> tuple[float, float]:
    with throwaway_database(run, "intake", service.folder / "migrations") as place:
        payments = fill(place, size)
        database = Database(place.roles["app"], service="intake", country="pa")
        ours = await consume(database, payments)
        await database.close()
        return ours, _bare(place, list(payments))


async def consume(database: Database, payments: Mapping[UUID, UUID]) -> float:
    """Add payments to timelines as the consumer does; return the seconds."""
    consumer = Consumer(
        service.subscriber("payment_outcomes"),
        database,
        KafkaSettings(""),
        principal=service.principal,
        topics=[],
    )
    records = [_record(enrolment, payment) for enrolment, payment in payments.items()]
    start = time.perf_counter()
    for at in range(0, len(records), PROJECTION_BATCH):
        await consumer.handle_batch(records[at : at + PROJECTION_BATCH])
    return time.perf_counter() - start


def fill(place: TestDatabase, size: int) -> dict[UUID, UUID]:
    """Write households of two with an enrolment and an open payment each; return the payments by enrolment."""
    with psycopg.connect(place.admin, autocommit=True) as admin:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        admin.execute(scope, [str(AGENCY), str(CLERK)])
        for statement in FILL.split(";")[:-1]:
            admin.execute(statement, {"count": size})
        admin.execute("VACUUM ANALYZE")
        holds = (
            "SELECT u.id, h.reference FROM data.consent_use u JOIN data.legal_hold h ON h.root = u.person_id"
        )
        return dict(admin.execute(holds).fetchall())


def _record(enrolment: UUID, payment_id: UUID) -> Record:
    payment = PaymentDelivered(payment_id=payment_id, enrolment_id=enrolment)
    envelope = Envelope(
        uuid4(), payment.type, "/pa/cash", payment.key, datetime.now(UTC), PAYER, 1, None, payment
    )
    key, headers, value = encode(envelope)
    return Record(key.decode(), str(envelope.id), tuple(headers), value)


def _bare(place: TestDatabase, enrolments: Sequence[UUID]) -> float:
    with psycopg.connect(place.admin, autocommit=True) as admin:
        for statement in BARE_TABLES.split(";")[:-1]:
            admin.execute(statement)
        start = time.perf_counter()
        for at in range(0, len(enrolments), PROJECTION_BATCH):
            admin.execute(BARE, {"enrolments": enrolments[at : at + PROJECTION_BATCH]})
        return time.perf_counter() - start
