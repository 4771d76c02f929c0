"""Importing a city: it is kept as it was sent, and taken in by a worker."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Conflict
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work, unfinished_work

from planning.territory.units import commands

jobs = Jobs()


async def ask_to_import(unit: UnitOfWork, body: bytes) -> Work:
    """`body` as `solidary.platform.jobs.pack` has it. Raises Conflict while another import of the agency goes on."""
    if other := await unfinished_work(unit, import_city):
        raise Conflict(f"your agency brings a city in already: /work/{other.id}")
    upload = await commands.keep(unit, body)
    return await start_work(unit, import_city, upload_id=str(upload.id))


@jobs.long(lock="agency")
async def import_city(unit: UnitOfWork, progress: Progress, upload_id: str) -> str:
    """One city of an agency after the other."""
    city = await commands.import_upload(unit, progress, UUID(upload_id))
    return f"/cities/{city.code}"
