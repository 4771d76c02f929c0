"""The timers that seal the access log and verify its new seals, and the long work that verifies it on request."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, for_each, start_work

from intake.registry.access_log.commands import seal_entries, verify_chain
from intake.registry.access_log.statements import AGENCIES_WITH_SEALS, AGENCIES_WITH_UNSEALED_ENTRIES

jobs = Jobs()


@jobs.timer("* * * * *")
async def seal_access_logs(database: Database) -> None:
    """Seal every agency's new entries, each agency in its own scope."""
    async with database.session_without_scope() as session:
        agencies = (await session.scalars(AGENCIES_WITH_UNSEALED_ENTRIES)).all()

    async def seal(agency: UUID) -> None:
        async with database.unit_for_timer(agency) as unit:
            await seal_entries(unit)

    await for_each(agencies, seal)


@jobs.timer("23 * * * *")
async def verify_access_logs(database: Database) -> None:
    """Verify every agency's seals since its last verification, each agency in its own scope."""
    async with database.session_without_scope() as session:
        agencies = (await session.scalars(AGENCIES_WITH_SEALS)).all()

    async def verify(agency: UUID) -> None:
        async with database.unit_for_timer(agency) as unit:
            await verify_chain(unit, _ignore_progress, whole=False)

    await for_each(agencies, verify)


async def request_verification(unit: UnitOfWork, *, whole: bool) -> Work:
    """Start the verification of the agency's log."""
    return await start_work(unit, verify_access_log, result="/access-log/chain", whole=whole)


@jobs.long(lock="agency")
async def verify_access_log(unit: UnitOfWork, progress: Progress, whole: bool) -> None:
    """Verify the log of the agency that asked for it, one at a time for each agency."""
    await verify_chain(unit, progress.report, whole=whole)


async def _ignore_progress(_done: int, _total: int) -> None:
    pass
