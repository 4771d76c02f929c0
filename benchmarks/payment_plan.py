"""The steps of a payment plan over three sizes, beside bare SQL that writes the same rows.

The commands run in this process on the real PostgreSQL, with the agency scope, the policies and every trigger. The bare
SQL writes as many rows of the same width into tables with the same indexes, without policies, triggers, foreign keys,
hashes or a rule.
"""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import psycopg
from cash.service import service
from solidary.platform.database import Database
from solidary_testing.servers import TestDatabase, throwaway_database
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._payment_plans import AGENCY, ENROLLER, MAX_EXPONENT, SIZES, fill_programme, take_steps
from benchmarks._servers import servers
from benchmarks._service import growth

STEPS = ("populate", "entitle", "release")
BOUNDS = {"populate": 4.0, "entitle": 8.0, "release": 6.0}
PASSES = {"populate": 3, "entitle": 6, "release": 4}
"""The largest ratio to the bare SQL, which passes over the rows once, and writes them. Each of our passes reads them,
by an index or in memory, and must not be dearer than writing them: a look-up for each row would be.

- populate: write; compare what was added with its plan; count.
- entitle: read the profiles; calculate by the programme's rule, which the bare SQL does not; write; compare what
  changed with the rules on payments; hash; count and sum.
- release: hash and flags; write the transfers with the new states; compare them with plans, accounts and reservations;
  compare the states with the ledger.
"""

BARE_TABLES = """
CREATE SCHEMA bare;
CREATE TABLE bare.payment (
    LIKE data.payment INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING INDEXES INCLUDING CONSTRAINTS
) WITH (fillfactor = 45);
CREATE TABLE bare.transfer (
    LIKE data.transfer INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING INDEXES INCLUDING CONSTRAINTS
);
"""
BARE = {
    "populate": """
        INSERT INTO bare.payment (root, programme_id, enrolment_id, household_id, collector, registered_by, cycle,
            purpose, fsp, account_reference, account_version, currency)
        SELECT %(plan)s, programme_id, id, household_id, collector, registered_by, '2026-11', 'rent', 'yappy',
            package_id, payout_version, 'USD'
        FROM data.enrolment WHERE programme_id = %(programme)s""",
    "entitle": """
        UPDATE bare.payment b SET amount = p.amount, account_fingerprint = p.account_fingerprint,
            calculation_id = p.calculation_id
        FROM data.payment p WHERE p.root = %(plan)s AND p.enrolment_id = b.enrolment_id AND b.root = p.root""",
    "release": """
        WITH reserved AS (
            UPDATE bare.payment SET state = 'reserved' WHERE root = %(plan)s AND amount > 0 RETURNING id, amount)
        INSERT INTO bare.transfer (root, kind, code, debit_account, debit_role, credit_account, credit_role, currency,
            amount, payment_id)
        SELECT t.root, t.kind, t.code, t.debit_account, t.debit_role, t.credit_account, t.credit_role, t.currency,
            r.amount, r.id
        FROM reserved r, (SELECT * FROM data.transfer WHERE kind = 'pending' LIMIT 1) t""",
}


def measure() -> BenchmarkResult:
    """Measure each step in seconds, at each size, and its growth over the sizes."""
    rows: list[dict[str, object]] = []
    seconds: dict[tuple[str, int], tuple[float, float]] = {}
    with servers() as run:
        for size in SIZES:
            for step, pair in asyncio.run(_measure(run, size)).items():
                seconds[step, size] = pair
    for step in STEPS:
        for size in SIZES:
            ours, bare = seconds[step, size]
            rows.append(
                {"step": step, "payments": size, "seconds": ours, "bare SQL": bare, "ratio": ours / bare}
            )
    claims = []
    for step in STEPS:
        ours, bare = seconds[step, SIZES[-1]]
        exponent = growth({size: seconds[step, size][0] for size in SIZES})
        claims += [
            Claim(f"{step} of {SIZES[-1]:,} payments, seconds", ours, BOUNDS[step], at_least=False),
            Claim(f"{step}, exponent of growth", exponent, MAX_EXPONENT, at_least=False),
            Claim(f"{step}, ours / bare SQL", ours / bare, float(PASSES[step]), at_least=False),
        ]
    return BenchmarkResult(rows, claims)


async def _measure(run: Run, size: int) -> dict[str, tuple[float, float]]:
    with throwaway_database(run, "cash", service.folder / "migrations") as place:
        database = Database(place.roles["app"], service="cash", country="pa")
        try:
            programme = fill_programme(place, size, AGENCY)
            ours, plan = await take_steps(database, programme, AGENCY)
            bare = _bare(place, plan, programme)
        finally:
            await database.close()
    return {step: (ours[step], bare[step]) for step in STEPS}


def _bare(place: TestDatabase, plan: UUID, programme: UUID) -> dict[str, float]:
    seconds = {}
    with psycopg.connect(place.admin, autocommit=True) as admin:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        admin.execute(scope, [str(AGENCY), str(ENROLLER)])
        admin.execute(BARE_TABLES)
        for step, statement in BARE.items():
            start = time.perf_counter()
            admin.execute(statement, {"plan": plan, "programme": programme})
            seconds[step] = time.perf_counter() - start
    return seconds
