"""The clock seals the access log."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs

from intake.registry.access_log.chain import seal_all

jobs = Jobs()


@jobs.timer("*/10 * * * *")
async def seal_access_logs(database: Database) -> None:
    """A batch of each agency's entries, as they came."""
    await seal_all(database)
