"""The storing of an import, and its application batch by batch."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from solidary.language.problems import Conflict
from solidary.platform.bulk.models import BulkBatch, BulkImport, BulkRow
from solidary.platform.bulk.rules import ParsedFile, RowReport
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import LongJob, Progress, Work, start_work, unfinished_work

ApplyBatch: TypeAlias = Callable[[UnitOfWork, bytes, bool], Awaitable[Sequence[RowReport]]]
"""`async def apply(unit, content, dry_run)`: apply a batch in this unit, or judge it only, and report its rows."""

ATTEMPTS = 3
"""The attempts at a batch beside requests that add the same identifiers at the same moment."""

ADD_ROWS = text(
    """
    INSERT INTO data.bulk_row (id, root, line, state, faults)
    SELECT gen_random_uuid(), :root, line, state, CAST(faults AS jsonb)
    FROM unnest(CAST(:line AS int[]), CAST(:state AS text[]), CAST(:faults AS text[])) AS added (line, state, faults)
    """
)


async def store_import(unit: UnitOfWork, job: LongJob, parsed: ParsedFile, *, dry_run: bool) -> Work:
    """Store an import and start its work, `job(import_id)`. Raises Conflict while the agency's last one is running."""
    if running := await unfinished_work(unit, job):
        raise Conflict(
            f"Your agency is importing such a file: /work/{running.id}. Wait until it has finished."
        )
    id_ = uuid4()
    unit.add(BulkImport(id=id_, root=id_, kind=job.name, dry_run=dry_run, rows=parsed.rows))
    await unit.flush()
    unit.add(
        *(
            BulkBatch(
                root=id_,
                number=number,
                rows=batch.rows,
                content=batch.content,
                subjects=list(batch.subjects),
            )
            for number, batch in enumerate(parsed.batches)
        )
    )
    await add_rows(unit, id_, parsed.refused)
    return await start_work(unit, job, result=f"/imports/{id_}", total=parsed.rows, import_id=str(id_))


async def apply_batches(progress: Progress, import_id: UUID, apply: ApplyBatch) -> None:
    """Apply the batches that are left, each in a transaction with its report. An attempt continues an earlier one."""
    async with progress.separate_unit() as unit:
        started = await unit.get(BulkImport, import_id)
        dry_run, total = started.dry_run, started.rows
        own = (BulkRow.agency == unit.principal.agency, BulkRow.root == import_id)
        done = await unit.session.scalar(select(func.count()).select_from(BulkRow).where(*own)) or 0
    while rows := await _apply_next(progress, import_id, apply, dry_run=dry_run):
        done += rows
        await progress.report(done, total)


async def _apply_next(progress: Progress, import_id: UUID, apply: ApplyBatch, *, dry_run: bool) -> int:
    """Apply the next batch and return its number of rows; 0 where none is left."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with progress.separate_unit() as unit:
                batch = await _lock_next(unit, import_id)
                if batch is None:
                    return 0
                rows, content = batch.rows, batch.content
                await unit.session.delete(batch)
                await add_rows(unit, import_id, await apply(unit, content, dry_run))
            return rows
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("The last attempt returns or raises.")


async def _lock_next(unit: UnitOfWork, import_id: UUID) -> BulkBatch | None:
    left = select(BulkBatch).where(BulkBatch.agency == unit.principal.agency, BulkBatch.root == import_id)
    return (await unit.session.scalars(left.order_by(BulkBatch.number).limit(1).with_for_update())).first()


async def add_rows(unit: UnitOfWork, import_id: UUID, reports: Sequence[RowReport]) -> None:
    """Add the reports of rows. One statement, or none."""
    if reports:
        faults = [
            [{"place": fault.pointer, "detail": fault.detail} for fault in each.faults] for each in reports
        ]
        await unit.session.execute(
            ADD_ROWS,
            {
                "root": import_id,
                "line": [each.line for each in reports],
                "state": [str(each.state) for each in reports],
                "faults": list(map(json.dumps, faults)),
            },
        )
