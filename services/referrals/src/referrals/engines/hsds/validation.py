"""The validation of a file against HSDS 3.1: every fault with its place, whatever the size of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from solidary.files.command_line import InvalidInput, show_progress
from solidary.files.json_document import JsonDocument
from solidary.language.problems import json_pointer

from referrals.engines.hsds import data_packages
from referrals.engines.hsds.api import Page
from referrals.engines.hsds.findings import Finding, FoundFault, count_faults, find_faults
from referrals.engines.hsds.kinds import BY_TABLE, Kind, detect_kind

MOST_FINDINGS = 1_000
"""Findings that a report lists; further faults are only counted."""

SAMPLE_SIZE = 64
"""Members of a file from which its kind is detected."""


@dataclass
class ValidationReport:
    """The detected `kind` of a file, the number of objects, errors and warnings, and the first findings.

    Errors are what the official schema refuses, warnings what we require beyond it; where it is `strict`, all are
    errors.
    """

    kind: str
    objects: int = 0
    faults: int = 0
    warnings: int = 0
    strict: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.faults and not (self.strict and self.warnings)

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings, or only their number where there are too many."""
        for finding in findings:
            self.faults += not finding.is_warning
            self.warnings += finding.is_warning
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(finding)

    def check(self, kind: Kind, at: tuple[str | int, ...], value: object) -> None:
        """Check one more object, at its path in the document."""
        if len(self.findings) < MOST_FINDINGS:
            self.add(_findings(at, find_faults(kind.model, value, in_page=bool(at))))
        else:
            errors, warnings = count_faults(kind.model, value, in_page=bool(at))
            self.faults += errors
            self.warnings += warnings
        self.count_object()

    def count_object(self) -> None:
        """Count one more object that has been checked."""
        self.objects += 1
        if self.objects % 1_000 == 0:
            show_progress(self.objects, None, "objects")


def _findings(at: tuple[str | int, ...], faults: Iterable[FoundFault]) -> Iterator[Finding]:
    for fault in faults:
        yield Finding(json_pointer((*at, *fault.path)), fault.reason, fault.is_warning)


def validate(path: Path, kind: Kind | None = None) -> ValidationReport:
    """Return the report on a JSON file (an object, a page, a data package) or on a folder of CSV tables.

    `kind` is the kind of the objects; without it their fields decide. Raises InvalidInput where the file cannot be
    read as JSON, or the folder contains no HSDS table.
    """
    return (
        _validate_folder(path) if path.is_dir() else _validate_json(JsonDocument(path, as_written=True), kind)
    )


def _validate_folder(folder: Path) -> ValidationReport:
    tables = data_packages.find_tables(folder)
    if not tables:
        raise InvalidInput(
            "The folder contains no table of an HSDS data package (services.csv, …).", file=folder
        )
    report = ValidationReport("data package")
    for table in tables:
        for finding in data_packages.check_table(table):
            report.add([finding] if finding else [])
            if finding is None:
                report.count_object()
    return report


def _validate_json(document: JsonDocument, kind: Kind | None) -> ValidationReport:
    if not document.is_object():
        document.read()
        return _refused(kind, "This must be one object, or one page with its objects in `contents`.")
    sample = list(islice(document.members(itemwise="contents"), SAMPLE_SIZE))
    names = {path[0] for path, _ in sample}
    if names & BY_TABLE.keys():
        return _validate_tables(document)
    if names & Page.model_fields.keys():
        items = (value for path, value in sample if len(path) == 2)
        return _validate_page(document, kind or detect_kind(items))
    members = {str(path[0]): value for path, value in document.members(itemwise="contents")}
    kind = kind or detect_kind([members])
    if kind is None:
        return _refused(kind, "This has no field of any HSDS object. Name its kind with --as.")
    report = ValidationReport(kind.name)
    report.check(kind, (), members)
    return report


def _refused(kind: Kind | None, reason: str) -> ValidationReport:
    report = ValidationReport(kind.name if kind else "unknown")
    report.add([Finding("", reason)])
    return report


def _validate_page(document: JsonDocument, kind: Kind | None) -> ValidationReport:
    report = ValidationReport(f"page of {kind.name}" if kind else "page")
    head = {}
    for path, value in document.members(itemwise="contents"):
        if len(path) == 1:
            head[str(path[0])] = value
        elif kind:
            report.check(kind, path, value)
        else:
            report.add([Finding(json_pointer(path), "This has no field of any HSDS object.")])
    report.add(_findings((), find_faults(Page, head)))
    return report


def _validate_tables(document: JsonDocument) -> ValidationReport:
    """Return the report on a data package in one JSON object: `{"services.csv": [{…}, …], …}`.

    A cell has no type, so a text column may hold a number, as in the standard's own example.
    """
    report = ValidationReport("data package")
    for (table, *_), rows in document.members(itemwise="contents"):
        kind = BY_TABLE.get(str(table))
        if kind is None:
            continue
        if not isinstance(rows, list):
            report.add([Finding(json_pointer([table]), "This must be an array.")])
            continue
        for index, row in enumerate(rows):
            report.add(_row_findings(kind, (table, index), row))
            report.count_object()
    return report


def _row_findings(kind: Kind, at: tuple[str | int, ...], row: object) -> Iterator[Finding]:
    if not isinstance(row, dict):
        yield Finding(json_pointer(at), "This must be an object.")
        return
    cells = {name: _cell(kind, name, value) for name, value in row.items()}
    yield from _findings(at, data_packages.row_faults(kind, cells))


def _cell(kind: Kind, name: str, value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return data_packages.convert_cell(kind, name, str(value)) if is_number else value
