"""The reading of a file of services, and the writing of its batches by a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from solidary.language.country import CountryPack
from solidary.language.external_ids import ExternalIdIn
from solidary.language.problems import Fault, Invalid
from solidary.platform.bulk import (
    FileFormat,
    FileLine,
    NewBatch,
    ParsedFile,
    RowReport,
    RowState,
    read_json_lines,
    read_table,
    refuse_line,
    validate_line,
)
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import find_by_external_ids
from sqlalchemy import select

from referrals.directory.imports import rules
from referrals.directory.imports.records import ServiceBatch, ServiceLine
from referrals.directory.services.commands import check_entry, create_services
from referrals.directory.services.models import DirectoryService
from referrals.directory.services.records import EntryRecord
from referrals.directory.services.schemas import DirectoryServiceIn

BATCH_ROWS = 250
"""The entries of one transaction."""


def read_file(country: CountryPack, path: Path, format_: FileFormat, system: str) -> ParsedFile:
    """Read a file of services; rows that are wrong in themselves are reported, each with its line and column.

    `system` is the agency's name of the system whose identifiers the services have. Raises Invalid for what is wrong
    with the whole file.
    """
    found = ParsedFile()
    items: list[ServiceLine] = []
    column: Callable[[str], str] = str if format_ is FileFormat.JSON_LINES else rules.column_of
    for line in _lines(path, format_, system):
        read = validate_line(line, DirectoryServiceIn, column)
        checked = read if isinstance(read, RowReport) else _check(country, line.number, read, system, column)
        if isinstance(checked, RowReport):
            found.refused.append(checked)
        else:
            items.append(checked)
    for start in range(0, len(items), BATCH_ROWS):
        some = items[start : start + BATCH_ROWS]
        batch = ServiceBatch(items=tuple(some))
        found.batches.append(NewBatch(len(some), batch.model_dump_json().encode()))
    return found


def _lines(path: Path, format_: FileFormat, system: str) -> Iterator[FileLine]:
    if format_ is FileFormat.JSON_LINES:
        yield from read_json_lines(path)
    else:
        for row in read_table(path, format_, rules.REQUIRED, rules.KNOWN):
            yield rules.entry_of(row, system)


def _check(
    country: CountryPack, line: int, body: DirectoryServiceIn, system: str, column: Callable[[str], str]
) -> ServiceLine | RowReport:
    keys = [each for each in body.external_ids or () if each.system == system]
    if len(keys) != 1:
        missing = Fault(column("/external_ids"), f"The service needs one identifier in the system {system}.")
        return refuse_line(line, [missing])
    try:
        check_entry(body, country)
    except Invalid as error:
        return refuse_line(line, [Fault(column(fault.pointer), fault.detail) for fault in error.faults])
    return ServiceLine(line=line, key=keys[0], entry=EntryRecord.of(body.model_dump(mode="json")))


async def apply_batch(unit: UnitOfWork, content: bytes, dry_run: bool) -> list[RowReport]:
    """Write the entries of a batch that are new, or judge them only; report each row.

    The number of statements does not grow with the batch.
    """
    items = ServiceBatch.model_validate_json(content).items
    known = await _known_services(unit, items)
    reports: list[RowReport] = []
    added: list[EntryRecord] = []
    for item in items:
        judged = _judge(item, known)
        if isinstance(judged, Fault):
            reports.append(refuse_line(item.line, [judged]))
            continue
        reports.append(RowReport(item.line, judged))
        if judged is RowState.ADDED:
            added.append(item.entry)
            known |= dict.fromkeys(item.entry.external_ids, item.entry)
    if added and not dry_run:
        await create_services(unit, added)
    return reports


async def _known_services(
    unit: UnitOfWork, items: Sequence[ServiceLine]
) -> dict[ExternalIdIn, DirectoryService | EntryRecord]:
    """Return the agency's services that have one of the identifiers of a batch. Two statements."""
    wanted = [each for item in items for each in item.entry.external_ids]
    found = (await find_by_external_ids(unit, ["service"], wanted)).items
    rows = select(DirectoryService).where(DirectoryService.id.in_({each.id for each in found}))
    services = {service.id: service for service in await unit.session.scalars(rows)}
    return {ExternalIdIn(system=each.system, value=each.value): services[each.id] for each in found}


def _judge(item: ServiceLine, known: dict[ExternalIdIn, DirectoryService | EntryRecord]) -> RowState | Fault:
    """Return what becomes of an entry, or the reason against it. `known` has what came before it."""
    before = known.get(item.key)
    if before is None:
        if any(each in known for each in item.entry.external_ids):
            return Fault("external_ids", "Your agency has given this identifier to another service.")
        return RowState.ADDED
    is_same = (
        before.has_content(item.entry)
        if isinstance(before, DirectoryService)
        else before.content() == item.entry.content()
    )
    if is_same:
        return RowState.EXISTING
    return Fault(
        rules.KEY,
        "Your agency has this service with other content. Replace it by its own route: an import adds only.",
    )
