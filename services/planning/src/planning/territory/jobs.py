"""Importing a city: it is kept as it was sent, and taken in by a worker."""

from __future__ import annotations

from uuid import UUID

from solidary.database import UnitOfWork
from solidary.jobs import Jobs, Progress, Work, begin

from planning.territory import commands

jobs = Jobs()


async def ask_to_import(unit: UnitOfWork, body: bytes) -> Work:
    """`body` as `solidary.jobs.pack` has it."""
    upload = await commands.keep(unit, body)
    return await begin(unit, import_city, upload_id=str(upload.id))


@jobs.long(lock="agency")
async def import_city(unit: UnitOfWork, progress: Progress, upload_id: str) -> str:
    """One city of an agency after the other."""
    city = await commands.import_upload(unit, progress, UUID(upload_id))
    return f"/cities/{city.code}"
