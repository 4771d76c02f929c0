"""The nightly timer of retention."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from solidary.language.country import load_pack
from solidary.platform.database import Database
from solidary.platform.jobs import Jobs, for_each

from intake.rights.retention import commands
from intake.rights.retention.statements import AGENCIES

jobs = Jobs()


@jobs.timer("41 2 * * *", retention=True)
async def keep_to_retention_periods(database: Database) -> None:
    """Erase what was announced to each agency two weeks ago, and announce what is due in two weeks."""
    country = load_pack(database.country.upper())
    today = datetime.now(UTC).astimezone(country.zone()).date()
    async with database.session_without_scope() as session:
        agencies = (await session.scalars(AGENCIES)).all()

    async def keep(agency: UUID) -> None:
        await commands.keep_to_periods(database, country, agency, today)

    await for_each(agencies, keep)
