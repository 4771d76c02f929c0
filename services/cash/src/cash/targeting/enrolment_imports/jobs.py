"""The import of enrolments as long work."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.bulk import ParsedFile, apply_batches, store_import
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work

from cash.targeting.enrolment_imports import commands

jobs = Jobs()


async def request_import(unit: UnitOfWork, parsed: ParsedFile, *, dry_run: bool) -> Work:
    """Store a file that was read and start its import. Raises Conflict while another one of the agency is running."""
    return await store_import(unit, import_enrolments, parsed, dry_run=dry_run)


@jobs.long(lock="agency")
async def import_enrolments(unit: UnitOfWork, progress: Progress, import_id: str) -> None:
    """Apply the batches of an import, one import at a time for each agency."""
    await apply_batches(progress, UUID(import_id), commands.apply_batch)
