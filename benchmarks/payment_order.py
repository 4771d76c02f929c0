"""The order file of a plan over three sizes, beside a script that decrypts and writes the same payees.

Intake is a process of its own, with real tokens and people encrypted by its own code; cash asks it for payees by
thousands, as its worker does, and keeps the file. Meanwhile a desk reads people from intake. The peer reads the same
rows by one query, decrypts them and writes the same file, without permit, consents, legal holds, an access log, HTTP or
an order that is recorded.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import quantiles
from uuid import UUID

import httpx
import psycopg
from cash.delivery.instructions import commands
from cash.delivery.instructions.encryption import public_key
from cash.engines.bank_messages.orders import CreditTransfer, LocalAccount
from cash.engines.bank_messages.pain001 import format_transfer
from cash.engines.bank_messages.text import Alphabet
from cash.engines.money import Money
from cash.intake import BATCH_SIZE, PAYEES, PERMIT, Payee
from cash.service import service as cash
from intake.registry.encryption.dependencies import instance_key_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.records import IdentityRecord, PayoutRecord
from intake.service import service as intake
from solidary.platform.database import Database
from solidary.platform.identity import Duty, Principal
from solidary_testing.servers import TestDatabase, settings_for, throwaway_database
from solidary_testing.tokens import Tokens, subject_of
from stack.ports import find_free_port
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._payment_plans import (
    MAX_EXPONENT,
    SIZES,
    NoProgress,
    fill_programme,
    take_steps,
)
from benchmarks._servers import Processes, processes, servers, wait_until
from benchmarks._service import growth

MAX_SECONDS = 25.0
MAX_RATIO = 6.0
"""The largest ratio to the script, which reads, decrypts and writes each payee once. Ours passes over the payments five
times more, none dearer than the script: permit them (their digests), check consents and write log and holds, carry the
payees as JSON, keep the file encrypted, record what was sent with every check.
"""
FILE_KEY = public_key(b"the secret of a service, for a benchmark")
PROBES = 100
"""The number of reads of the desk before an order."""

OTHERS = """
INSERT INTO data.consent (id, root, person_id, household_id, package_id, purpose, recipient, categories, basis,
    language, channel, text_version, valid_until, state)
SELECT md5('consent ' || n)::uuid, md5('person ' || n)::uuid, md5('person ' || n)::uuid, md5('household ' || n)::uuid,
    md5('package ' || n)::uuid, 'cash', %(recipient)s, '{household_profile,payee}', 'consent', 'spa', 'in_person',
    '2026-11', now() + interval '1 year', 'granted'
FROM generate_series(1, %(count)s) AS n;
INSERT INTO data.package (id, root, consent_id, person_id, household_id, purpose, recipient, content)
SELECT package_id, package_id, id, person_id, household_id, purpose, recipient, '' FROM data.consent;
INSERT INTO data.share (id, root, owner, agency, level, reason, reference, valid_until)
SELECT gen_random_uuid(), package_id, agency, recipient, 'read', 'consent', id, valid_until FROM data.consent;
"""


def measure() -> BenchmarkResult:
    """Measure the seconds of an order, and the desk's reads before and during it, at each size."""
    with servers() as run:
        rows = [_measure(run, size) for size in SIZES]
    seconds = [float(str(row["seconds"])) for row in rows]
    exponent = growth(dict(zip(SIZES, seconds, strict=True)))
    last = rows[-1]
    slower = float(str(last["p95 during, ms"])) / float(str(last["p95 before, ms"]))
    grown = float(str(last["intake MiB"])) / float(str(rows[-2]["intake MiB"]))
    claims = [
        Claim(f"an order of {SIZES[-1]:,} payments, seconds", seconds[-1], MAX_SECONDS, at_least=False),
        Claim("an order, exponent of growth", exponent, MAX_EXPONENT, at_least=False),
        Claim("an order, ours / script", float(str(last["ratio"])), MAX_RATIO, at_least=False),
        Claim("intake's p95 during an order / before", slower, 2.0, at_least=False),
        Claim("intake's memory, largest order / middle one", grown, 1.25, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


def _measure(run: Run, size: int) -> dict[str, object]:
    tokens = Tokens(run)
    with (
        throwaway_database(run, "intake", intake.folder / "migrations") as people,
        throwaway_database(run, "cash", cash.folder / "migrations") as money,
        processes() as api,
    ):
        keys = instance_key_of(settings_for(run, people, "intake"))
        _fill_people(people, keys, size, owner=tokens.agency("unhcr"), recipient=tokens.agency("iom"))
        with _intake(run, people, api) as url:
            ours = asyncio.run(_order(tokens, money, url, size))
        peak = api.peak_mib
        script = _script(people, keys)
    return {
        "payments": size,
        "seconds": ours["seconds"],
        "script": script,
        "ratio": ours["seconds"] / script,
        "p95 before, ms": ours["before"],
        "p95 during, ms": ours["during"],
        "intake MiB": peak,
    }


def _id(kind: str, number: int) -> UUID:
    return UUID(hashlib.md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest())


def _fill_people(place: TestDatabase, keys: InstanceKey, size: int, *, owner: UUID, recipient: UUID) -> None:
    """Write a household, a person with an account, a consent and a package for each payment."""
    with psycopg.connect(place.admin) as admin, admin.cursor() as cursor:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        cursor.execute(scope, [str(owner), str(UUID(int=20))])
        cursor.execute(
            """INSERT INTO data.household (id, root, area)
            SELECT md5('household ' || n)::uuid, md5('household ' || n)::uuid, 'PA1301'
            FROM generate_series(1, %s) AS n""",
            [size],
        )
        wrapped = []
        columns = """id, root, household_id, state, relation, sex, birth_year, population_group, language, indexed_by,
            identity, payout, payout_version"""
        with cursor.copy(f"COPY data.person ({columns}) FROM STDIN") as copy:
            for number in range(1, size + 1):
                id_ = _id("person", number)
                cipher, key = keys.create_key(id_)
                identity = IdentityRecord(given_name=f"Yolanda {number}", surname="Núñez")
                payout = PayoutRecord(kind="account", reference=f"{number:012d}", provider="Banco Ficticio")
                copy.write_row(
                    (
                        id_,
                        id_,
                        _id("household", number),
                        "registered",
                        "head",
                        "female",
                        1990,
                        "migrant",
                        "spa",
                        keys.search_id,
                        cipher.encrypt("identity", identity.model_dump_json()),
                        cipher.encrypt("payout", payout.model_dump_json()),
                        1,
                    )
                )
                wrapped.append((id_, id_, key, keys.wrapping_id))
        with cursor.copy("COPY keys.subject_key (id, root, wrapped, wrapped_by) FROM STDIN") as copy:
            for row in wrapped:
                copy.write_row(row)
        admin.commit()
        for statement in OTHERS.split(";")[:-1]:
            cursor.execute(statement, {"count": size, "recipient": recipient})
        admin.commit()
        admin.autocommit = True
        admin.execute("VACUUM ANALYZE")


@contextmanager
def _intake(run: Run, place: TestDatabase, api: Processes) -> Iterator[str]:
    """Start intake's API on a database; yield its address."""
    environment = run.environment("intake", "api") | {
        "PATH": os.environ["PATH"],
        "SOLIDARY_DATABASE_APP": place.roles["app"],
        "SOLIDARY_RATE_LIMIT": "10000000/minute",
    }
    environment.pop("SOLIDARY_TELEMETRY_DIR", None)
    port = find_free_port(set())
    url = f"http://127.0.0.1:{port}"
    api.start([sys.executable, "-m", "intake", "api", f"--port={port}"], environment)

    def answers() -> bool:
        api.check()
        try:
            return httpx.get(f"{url}/health").status_code < 500
        except httpx.TransportError:
            return False

    wait_until(answers)
    yield url


class _Intake:
    """Intake as cash calls it: carrying the releaser for the permit, and by itself for the payees."""

    def __init__(
        self, client: httpx.AsyncClient, carried: dict[str, str], tokens: Tokens, agency: UUID
    ) -> None:
        self._client, self._carried, self._tokens, self._agency = client, carried, tokens, agency

    async def permit_payees(self, order: UUID, digests: Sequence[bytes]) -> UUID:
        body = {"reference": str(order), "batches": [digest.hex() for digest in digests]}
        answer = await self._client.post("/payee-permits", json=body, headers=self._carried)
        return PERMIT.validate_json(answer.raise_for_status().content).id

    async def payees(self, permit: UUID, batch: int, payments: Sequence[tuple[UUID, UUID]]) -> list[Payee]:
        asked = [{"payment_id": str(payment), "package_id": str(package)} for payment, package in payments]
        body = {"permit_id": str(permit), "batch": batch, "payments": asked}
        headers = self._tokens.service("cash", acting_for=self._agency)  # kept until shortly before its end
        answer = await self._client.post("/payees", json=body, headers=headers)
        return PAYEES.validate_json(answer.raise_for_status().content)


async def _order(tokens: Tokens, money: TestDatabase, url: str, size: int) -> dict[str, float]:
    """Take the order of a released plan; return its seconds, and the p95 of the desk's reads before and during it."""
    iom = tokens.agency("iom")
    database = Database(money.roles["app"], service="cash", country="pa")
    try:
        _, plan = await take_steps(database, fill_programme(money, size, iom), iom)
        person = tokens.of("iom", Duty.CASH_RELEASER)
        releaser = Principal(subject_of(person), iom, "iom", frozenset({Duty.CASH_RELEASER}))
        desk = tokens.of("unhcr", Duty.FRONT_DESK) | {"Solidary-Reason": "supervision"}
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            carried = tokens.carried(person, by="cash", to="intake")
            source = _Intake(client, carried, tokens, iom)
            before = [await _read(client, desk, number) for number in range(PROBES)]
            during: list[float] = []
            reading = asyncio.create_task(_keep_reading(client, desk, size, during))
            start = time.perf_counter()
            async with database.unit(releaser) as unit:
                order = await commands.permit_order(unit, source, plan)
            assert order is not None
            async with database.unit(releaser) as unit:
                draft = await commands.draft_order(unit, source, order, NoProgress())
            async with database.unit(releaser, long_running=True) as unit:
                today = datetime.now(UTC).date()
                instruction = await commands.dispatch(unit, FILE_KEY, order, draft, today)
            seconds = time.perf_counter() - start
            reading.cancel()
        if instruction.not_sent:
            raise RuntimeError(f"{len(instruction.not_sent)} payments are left out of the order.")
    finally:
        await database.close()
    return {"seconds": seconds, "before": _p95(before), "during": _p95(during or before)}


async def _read(client: httpx.AsyncClient, desk: dict[str, str], number: int) -> float:
    start = time.perf_counter()
    answer = await client.get(f"/people/{_id('person', number % min(SIZES) + 1)}", headers=desk)
    answer.raise_for_status()
    return (time.perf_counter() - start) * 1000


async def _keep_reading(
    client: httpx.AsyncClient, desk: dict[str, str], size: int, times: list[float]
) -> None:
    number = 0
    while True:
        times.append(await _read(client, desk, number))
        number += 1
        await asyncio.sleep(0.05)


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _script(place: TestDatabase, keys: InstanceKey) -> float:
    """Write the same transfers from the same rows; return the seconds."""
    start = time.perf_counter()
    with psycopg.connect(place.admin) as admin, tempfile.TemporaryFile() as file, admin.cursor("all") as rows:
        rows.itersize = BATCH_SIZE
        rows.execute(
            """SELECT p.id, p.identity, p.payout, k.wrapped, k.wrapped_by
            FROM data.person p JOIN keys.subject_key k USING (id) ORDER BY id"""
        )
        for id_, identity, payout, wrapped, wrapped_by in rows:
            cipher = keys.unwrap(id_, wrapped, wrapped_by)
            name = IdentityRecord.model_validate_json(cipher.decrypt("identity", identity)).full_name
            account = PayoutRecord.model_validate_json(cipher.decrypt("payout", payout)).reference
            transfer = CreditTransfer(id_.hex, Money(15_000, "USD"), name, LocalAccount(account))
            file.write(format_transfer(transfer, "USD", Alphabet.LATIN))
    return time.perf_counter() - start
