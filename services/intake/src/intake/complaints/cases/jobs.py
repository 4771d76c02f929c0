"""The timer that closes answered complaints after the time of the appeal, and deletes closed ones later."""

from __future__ import annotations

from solidary.language.country import load_pack
from solidary.platform.database import Database
from solidary.platform.jobs import Jobs

from intake.complaints.cases.statements import CLOSE_ANSWERED, DELETE_CLOSED

jobs = Jobs()


@jobs.timer("41 3 * * *", retention=True)
async def keep_complaints(database: Database) -> None:
    """Close and delete complaints of all agencies whose time is over."""
    periods = load_pack(database.country.upper()).complaints
    async with database.session_without_scope() as session:
        await session.execute(CLOSE_ANSWERED, {"days": periods.appeal_days})
        await session.execute(DELETE_CLOSED, {"months": periods.keep_months})
        await session.commit()
