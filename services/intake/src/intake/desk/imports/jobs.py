"""The import of registrations as long work."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.bulk import apply_batches, store_import
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work

from intake.desk.imports import commands, statements
from intake.desk.imports.commands import SealedFile
from intake.registry.encryption.models import add_keys
from intake.registry.encryption.rules import InstanceKey

jobs = Jobs()


async def request_import(
    unit: UnitOfWork, instance_key: InstanceKey, sealed: SealedFile, *, dry_run: bool
) -> Work:
    """Store a file that was read and start its import. Raises Conflict while another one of the agency is running.

    The keys of its people are stored apart from what they open; a dry run has none, and opens nobody.
    """
    work = await store_import(unit, import_registrations, sealed, dry_run=dry_run)
    if not dry_run:
        add_keys(unit, instance_key, sealed.keys)
    return work


@jobs.long(lock="agency")
async def import_registrations(unit: UnitOfWork, progress: Progress, import_id: str) -> None:
    """Apply the batches of an import, one import at a time for each agency."""
    await apply_batches(progress, UUID(import_id), commands.apply_batch)


@jobs.timer("11 2 * * *", retention=True)
async def delete_abandoned_batches(database: Database) -> None:
    """Delete what is left of imports that failed a week ago, with the keys of people who were never registered."""
    async with database.session_without_scope() as session:
        await session.execute(statements.DELETE_ABANDONED_BATCHES)
        await session.commit()
