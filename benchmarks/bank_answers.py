"""A bank's answer (camt.054) over three sizes, from the file to the effect, beside bare lxml and bare SQL.

Ours reads the file, stores it as the route does, and applies it as the worker does: on the real PostgreSQL, with the
agency scope, the policies, every trigger, the ledger and the events. The peer finds ids and amounts with lxml, and
writes as many rows into tables with the same columns and the main indexes, without policies, triggers, events or a
comparison of what is recorded.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import psycopg
from cash.delivery.status_reports import commands, jobs
from cash.delivery.status_reports.models import StatusReport, StatusReportUpload
from cash.delivery.status_reports.packing import pack
from cash.service import service
from lxml import etree
from solidary.platform.database import Database
from solidary.platform.identity import Duty, Principal
from solidary_testing.servers import TestDatabase, throwaway_database
from sqlalchemy import select
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._payment_plans import (
    AGENCY,
    MAX_EXPONENT,
    RELEASER,
    SIZES,
    NoProgress,
    fill_programme,
    take_steps,
)
from benchmarks._servers import servers
from benchmarks._service import growth

SECONDS, MAX_MIB = 20, 200
MAX_RATIO = 6
"""The largest ratio to the peer, which reads the file once and writes three rows a payment. Ours passes over the
payments five times more, none dearer than all that the peer does: store what was read and read it again, lock and
compare, check the states and their money (twice: in the statement and at the commit), write an event for the
registering agency.
"""
BANK = UUID(int=31)
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
MIB = 1024 * 1024

ORDER = """
INSERT INTO data.instruction (root, message_id, payment_count, total, currency, execution_date, sha256)
SELECT root, 'ORDER', count(*), sum(amount), min(currency), current_date, 'none'
FROM data.payment WHERE root = %(plan)s AND state = 'reserved' GROUP BY root;
UPDATE data.payment SET state = 'sent' WHERE root = %(plan)s AND state = 'reserved';
UPDATE data.payment_plan SET state = 'dispatched' WHERE id = %(plan)s;
"""
BARE_TABLES = """
CREATE SCHEMA IF NOT EXISTS bare;
CREATE TABLE bare.payment AS SELECT * FROM data.payment WHERE root = %(plan)s;
ALTER TABLE bare.payment ADD PRIMARY KEY (id);
CREATE INDEX ON bare.payment (root, id);
CREATE TABLE bare.transfer AS SELECT * FROM data.transfer WHERE kind = 'pending';
ALTER TABLE bare.transfer ADD PRIMARY KEY (id);
CREATE INDEX ON bare.transfer (payment_id);
CREATE TABLE bare.entry (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), payment_id uuid, kind text, booking text);
CREATE TEMPORARY TABLE answer (payment_id uuid, amount bigint);
"""
BARE_EFFECTS = (
    """UPDATE bare.payment p SET state = 'delivered', delivered_amount = a.amount
    FROM answer a WHERE p.id = a.payment_id""",
    """INSERT INTO bare.transfer SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
        'kind', 'post', 'amount', a.amount))).* FROM answer a JOIN bare.transfer t USING (payment_id)""",
    "INSERT INTO bare.entry (payment_id, kind) SELECT payment_id, 'debit' FROM answer",
)


@dataclass(frozen=True)
class Measurement:
    """Seconds of ours and of the peer, and the memory that ours took beyond what the process had, in MiB."""

    read: float
    applied: float
    bare: float
    mib: float
    file_mib: float

    @property
    def seconds(self) -> float:
        """The time from the file to the effect."""
        return self.read + self.applied


def measure() -> BenchmarkResult:
    """Measure each size once, and their growth over the sizes."""
    found: dict[int, Measurement] = {}
    with servers() as run:
        for size in SIZES:
            found[size] = asyncio.run(_measure(run, size))
    rows: list[dict[str, object]] = [
        {
            "payments": size,
            "file MiB": round(each.file_mib, 1),
            "read and stored, s": each.read,
            "applied, s": each.applied,
            "lxml and bare SQL, s": each.bare,
            "ratio": each.seconds / each.bare,
            "memory MiB": round(each.mib),
        }
        for size, each in found.items()
    ]
    largest = found[SIZES[-1]]
    exponent = growth({size: each.seconds for size, each in found.items()})
    claims = [
        Claim(f"{SIZES[-1]:,} payments, seconds", largest.seconds, SECONDS, at_least=False),
        Claim("exponent of growth", exponent, MAX_EXPONENT, at_least=False),
        Claim("ours / lxml and bare SQL", largest.seconds / largest.bare, MAX_RATIO, at_least=False),
        Claim(f"memory for {SIZES[-1]:,} payments, MiB", largest.mib, MAX_MIB, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


async def _measure(run: Run, size: int) -> Measurement:
    with throwaway_database(run, "cash", service.folder / "migrations") as place:
        database = Database(place.roles["app"], service="cash", country="pa")
        try:
            _, plan = await take_steps(database, fill_programme(place, size, AGENCY), AGENCY)
            with tempfile.TemporaryDirectory() as home:
                file = Path(home) / "answer.xml"
                _order(place, plan, file)
                with _peak() as peak:
                    read, applied = await _import(database, file)
                bare = _bare(place, plan, file)
                return Measurement(read, applied, bare, peak[0], file.stat().st_size / MIB)
        finally:
            await database.close()


def _order(place: TestDatabase, plan: UUID, file: Path) -> None:
    """Mark the payments of a plan as sent, and write the answer that debits each of them."""
    with psycopg.connect(place.admin) as admin:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        admin.execute(scope, [str(AGENCY), str(RELEASER)])
        for statement in ORDER.split(";")[:-1]:
            admin.execute(statement, {"plan": plan})
        payments = admin.execute("SELECT id, amount FROM data.payment WHERE root = %s AND amount > 0", [plan])
        with file.open("w", encoding="utf-8") as answer:
            answer.write(
                f'<Document xmlns="{CAMT}"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>1</MsgId></GrpHdr><Ntfctn>'
            )
            for id_, amount in payments:
                answer.write(
                    f'<Ntry><Amt Ccy="USD">{amount / 100:.2f}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
                    f"<NtryDtls><TxDtls><Refs><AcctSvcrRef>{id_.hex[:16]}</AcctSvcrRef><EndToEndId>{id_.hex}"
                    f"</EndToEndId></Refs><RltdPties><Cdtr><Nm>Yuleisy Zambrano</Nm></Cdtr></RltdPties></TxDtls>"
                    f"</NtryDtls></Ntry>"
                )
            answer.write("</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>")
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")


async def _import(database: Database, file: Path) -> tuple[float, float]:
    """Import a file; return the seconds until it was stored, and those until it was applied."""
    bank = Principal(BANK, AGENCY, "iom", frozenset({Duty.BANK_REPORTER}))
    start = time.perf_counter()
    record, body = await asyncio.to_thread(pack, file)
    async with database.unit(bank) as unit:
        await jobs.request_import(unit, uuid4().hex, record, body)
    stored = time.perf_counter()
    async with database.unit(bank) as unit:
        (upload,) = await unit.session.scalars(select(StatusReportUpload.id))
    async with database.unit(bank, long_running=True) as unit:
        report: StatusReport = await commands.import_upload(unit, NoProgress(), upload)
    if (report.matched, report.contradictions) != (record.count, 0):
        raise RuntimeError(f"{report.matched} of {record.count} reports were applied.")
    return stored - start, time.perf_counter() - stored


def _bare(place: TestDatabase, plan: UUID, file: Path) -> float:
    with psycopg.connect(place.admin, autocommit=True) as admin:
        for statement in BARE_TABLES.split(";")[:-1]:
            admin.execute(statement, {"plan": plan})
        start = time.perf_counter()
        with admin.transaction():
            with admin.cursor().copy("COPY answer FROM STDIN") as copy:
                for id_, amount in _read(file):
                    copy.write_row((UUID(hex=id_), round(float(amount) * 100)))
            for statement in BARE_EFFECTS:
                admin.execute(statement)
        return time.perf_counter() - start


def _read(file: Path) -> Iterator[tuple[str, str]]:
    for _, entry in etree.iterparse(file, tag=f"{{{CAMT}}}Ntry"):
        yield entry.findtext(f".//{{{CAMT}}}EndToEndId"), entry.findtext(f"{{{CAMT}}}Amt")
        entry.clear()
        while entry.getprevious() is not None:
            del entry.getparent()[0]


@contextmanager
def _peak() -> Iterator[list[float]]:
    """Yield a list that holds, after the block, the most memory that the process had beyond that at its start."""
    process, stop = psutil.Process(), threading.Event()
    before, most = process.memory_info().rss, [0.0]

    def sample() -> None:
        while not stop.wait(0.02):
            most[0] = max(most[0], (process.memory_info().rss - before) / MIB)

    sampling = threading.Thread(target=sample)
    sampling.start()
    try:
        yield most
    finally:
        stop.set()
        sampling.join()
