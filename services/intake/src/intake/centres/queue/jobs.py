"""The timer that forgets who was in a queue: it is no record of visits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from solidary.language.country import load_pack
from solidary.platform.database import Database
from solidary.platform.jobs import Jobs

from intake.centres.queue.statements import FORGET_QUEUE

jobs = Jobs()
NAMED = timedelta(days=2)
"""The age of a ticket after which nothing leads from it to a person."""
KEPT = timedelta(days=400)
"""The age after which the ticket itself, with its times, is deleted."""


@jobs.timer("37 4 * * *", retention=True)
async def forget_queue(database: Database) -> None:
    """Forget people of earlier days' queues, and delete tickets that are more than a year old."""
    today = datetime.now(UTC).astimezone(load_pack(database.country.upper()).zone()).date()
    async with database.session_without_scope() as session:
        await session.execute(FORGET_QUEUE, {"named_until": today - NAMED, "kept_until": today - KEPT})
        await session.commit()
