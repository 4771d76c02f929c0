"""The clock seals the access log."""

from __future__ import annotations

from solidary.database import Database
from solidary.jobs import Jobs

from intake.access.chain import seal_all

jobs = Jobs()


@jobs.timer("*/10 * * * *")
async def seal_access_logs(database: Database) -> None:
    """A batch of each agency's entries, as they came."""
    await seal_all(database)
