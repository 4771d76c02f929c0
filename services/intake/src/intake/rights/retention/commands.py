"""The announcement of what is to be erased, and the erasure on its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from solidary.language.country import CountryPack, RecordKind
from solidary.platform.database import Database, UnitOfWork
from sqlalchemy import select

from intake.problems import PersonUnderLegalHold
from intake.rights.erasures.commands import erase
from intake.rights.erasures.rules import ErasureReason
from intake.rights.retention import statements
from intake.rights.retention.models import RetentionRun
from intake.rights.retention.records import CountsRecord
from intake.rights.retention.rules import NOTICE_DAYS, cutoffs

BATCH_ROWS = 500
"""The rows of one transaction."""
BATCH_SEALS = 100
"""The seals of the access log whose entries are deleted in one transaction; there is one a minute at most."""


async def keep_to_periods(database: Database, country: CountryPack, agency: UUID, today: date) -> None:
    """Erase what was announced for today or before; then announce what is due after the time of notice."""
    async with database.unit_for_timer(agency) as unit:
        run = await _open_run(unit)
    if run is not None:
        if run.execute_on > today:
            return
        erased = await _erase_due(database, country, agency, run.execute_on)
        async with database.unit_for_timer(agency) as unit:
            run = await unit.lock(RetentionRun, run.id)
            run.erased, run.finished = CountsRecord.of(erased), unit.now
    await _announce(database, country, agency, today + timedelta(days=NOTICE_DAYS))


async def _announce(database: Database, country: CountryPack, agency: UUID, execute_on: date) -> None:
    async with database.unit_for_timer(agency) as unit:
        due = {
            kind: await _count_due(unit, kind, before)
            for kind, before in _cutoffs(country, execute_on).items()
        }
        if any(due.values()):
            unit.add(RetentionRun(execute_on=execute_on, announced=CountsRecord.of(due)))


async def _erase_due(
    database: Database, country: CountryPack, agency: UUID, on: date
) -> dict[RecordKind, int]:
    """Erase what is due on a day, and return how many records of each kind were."""
    erased: dict[RecordKind, int] = {}
    for kind, before in _cutoffs(country, on).items():
        if kind is RecordKind.ACCESS_ENTRY:
            erased[kind] = await _cut_access_log(database, agency, before)
            continue
        async with database.unit_for_timer(agency) as unit:
            ids = await _due(unit, kind, before)
        if kind is RecordKind.PERSON:
            erased[kind] = sum([await _erase_person(database, agency, person_id) for person_id in ids])
        else:
            erased[kind] = len(ids)
            for start in range(0, len(ids), BATCH_ROWS):
                async with database.unit_for_timer(agency) as unit:
                    batch = {"ids": list(ids[start : start + BATCH_ROWS])}
                    await unit.session.execute(statements.DELETE[kind], batch)
    return erased


async def _cut_access_log(database: Database, agency: UUID, before: date) -> int:
    """Delete the log's entries whose period is over, up to a seal, and return how many."""
    deleted = 0
    while True:
        async with database.unit_for_timer(agency) as unit:
            batch = {"before": before, "at_most": BATCH_SEALS}
            count = int(await unit.session.scalar(statements.CUT_ACCESS_LOG, batch) or 0)
        if count == 0:
            return deleted
        deleted += count


async def _erase_person(database: Database, agency: UUID, person_id: UUID) -> bool:
    try:
        async with database.unit_for_timer(agency) as unit:
            await erase(unit, person_id, ErasureReason.RETENTION)
    except PersonUnderLegalHold:
        return False
    return True


async def _open_run(unit: UnitOfWork) -> RetentionRun | None:
    open_runs = select(RetentionRun).where(
        RetentionRun.agency == unit.principal.agency, RetentionRun.finished.is_(None)
    )
    return await unit.session.scalar(open_runs.order_by(RetentionRun.created).limit(1))


async def _count_due(unit: UnitOfWork, kind: RecordKind, before: date) -> int:
    if kind is RecordKind.ACCESS_ENTRY:
        return int(await unit.session.scalar(statements.COUNT_ACCESS_ENTRIES, {"before": before}) or 0)
    return len(await _due(unit, kind, before))


async def _due(unit: UnitOfWork, kind: RecordKind, before: date) -> Sequence[UUID]:
    parameters = {"agency": unit.principal.agency, "before": before}
    return (await unit.session.scalars(statements.DUE[kind], parameters)).all()


def _cutoffs(country: CountryPack, on: date) -> Mapping[RecordKind, date]:
    return cutoffs(on, country.data_protection.retention_months)
