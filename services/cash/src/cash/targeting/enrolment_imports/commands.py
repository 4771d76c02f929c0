"""The reading of a file of enrolments, and the enrolment of its batches by a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from solidary.language.problems import Fault, Problem
from solidary.platform.bulk import (
    FileFormat,
    FileLine,
    NewBatch,
    ParsedFile,
    RowReport,
    RowState,
    read_json_lines,
    read_table,
    validate_line,
)
from solidary.platform.database import UnitOfWork

from cash.targeting.enrolment_imports.records import EnrolmentBatch, EnrolmentLine
from cash.targeting.enrolments.commands import enrol_all, judge_referrals
from cash.targeting.enrolments.models import ReferredHousehold
from cash.targeting.enrolments.schemas import EnrolmentIn
from cash.targeting.programmes.models import Programme

COLUMN = "referral_id"
BATCH_ROWS = 250
"""The enrolments of one transaction."""


def read_file(path: Path, format_: FileFormat, programme_id: UUID) -> ParsedFile:
    """Read a file of referrals to enrol in a programme. Raises Invalid for what is wrong with the whole file."""
    found = ParsedFile()
    items: list[EnrolmentLine] = []
    column: Callable[[str], str] = str if format_ is FileFormat.JSON_LINES else lambda _: COLUMN
    for line in _lines(path, format_):
        read = validate_line(line, EnrolmentIn, column)
        if isinstance(read, RowReport):
            found.refused.append(read)
        else:
            items.append(EnrolmentLine(line=line.number, referral_id=read.referral_id))
    for start in range(0, len(items), BATCH_ROWS):
        some = items[start : start + BATCH_ROWS]
        batch = EnrolmentBatch(programme_id=programme_id, items=tuple(some))
        found.batches.append(NewBatch(len(some), batch.model_dump_json().encode()))
    return found


def _lines(path: Path, format_: FileFormat) -> Iterator[FileLine]:
    if format_ is FileFormat.JSON_LINES:
        yield from read_json_lines(path)
        return
    for row in read_table(path, format_, [COLUMN], [COLUMN]):
        reason = row.unreadable.get(COLUMN)
        yield FileLine(row.line, {COLUMN: row[COLUMN]}, [Fault(COLUMN, reason)] if reason else ())


async def apply_batch(unit: UnitOfWork, content: bytes, dry_run: bool) -> list[RowReport]:
    """Enrol the households of a batch that may be enrolled, or judge them only; report each row."""
    batch = EnrolmentBatch.model_validate_json(content)
    programme = await unit.get(Programme, batch.programme_id)
    judged = await judge_referrals(unit, programme, dict.fromkeys(each.referral_id for each in batch.items))
    reports: list[RowReport] = []
    added: set[UUID] = set()
    for item in batch.items:
        result = judged[item.referral_id]
        if isinstance(result, Problem):
            fault = Fault(COLUMN, result.detail)
            reports.append(RowReport(item.line, RowState.REFUSED, [fault]))
        elif result is None or item.referral_id in added:
            reports.append(RowReport(item.line, RowState.EXISTING))
        else:
            added.add(item.referral_id)
            reports.append(RowReport(item.line, RowState.ADDED))
    if added and not dry_run:
        await enrol_all(
            unit, programme, [each for each in judged.values() if isinstance(each, ReferredHousehold)]
        )
    return reports
