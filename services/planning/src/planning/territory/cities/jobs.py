"""The job that imports a city: the request is stored as it arrived, and a worker imports it."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Conflict
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work, unfinished_work

from planning.territory.cities import commands

jobs = Jobs()


async def request_import(unit: UnitOfWork, body: bytes) -> Work:
    """Store a city and start its import. `body` is packed by `solidary.platform.jobs.compress`.

    Raises Conflict while another import of the agency is running.
    """
    if running := await unfinished_work(unit, import_city):
        raise Conflict(f"Your agency is importing a city: /work/{running.id}. Wait until it has finished.")
    upload = await commands.store_upload(unit, body)
    return await start_work(unit, import_city, upload_id=str(upload.id))


@jobs.long(lock="agency")
async def import_city(unit: UnitOfWork, progress: Progress, upload_id: str) -> str:
    """Import an uploaded city, one at a time for each agency. Return the path of the city."""
    city = await commands.import_upload(unit, progress, UUID(upload_id))
    return f"/cities/{city.code}"
