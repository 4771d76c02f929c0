"""Is a file HSDS 3.1? Every fault with its place, whatever the file's size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from solidary.files.command_line import InvalidInput, show_progress

from referrals.engines.hsds import packages
from referrals.engines.hsds.findings import Finding, fault_count, faults, pointer
from referrals.engines.hsds.kinds import BY_TABLE, Kind, kind_of
from referrals.engines.hsds.page import Page
from referrals.engines.hsds.pages import JsonText

KEPT = 1_000
"""Findings kept for the reader; further ones are only counted."""

SAMPLE = 64
"""Members of a file looked at to tell what it is."""


@dataclass
class Report:
    """What a file was taken for (`kind`), how many objects were looked at, and what is wrong with them."""

    kind: str
    objects: int = 0
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        return not self.faults

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.faults += 1
            if len(self.findings) < KEPT:
                self.findings.append(finding)

    def check(self, kind: Kind, at: tuple[str | int, ...], value: object) -> None:
        """One more object of the kind, that stands at that path of the document."""
        if len(self.findings) < KEPT:
            self.add(Finding(pointer((*at, *path)), reason) for path, reason in faults(kind.model, value))
        else:
            self.faults += fault_count(kind.model, value)
        self.looked_at()

    def looked_at(self) -> None:
        self.objects += 1
        if self.objects % 1_000 == 0:
            show_progress(self.objects, None, "objects")


def validate(path: Path, kind: Kind | None = None) -> Report:
    """A JSON file (an object, a page, a data package in JSON) or a folder of CSV tables.

    `kind` is what the objects are meant to be; without it their fields tell. Raises InvalidInput where the
    file cannot be read as JSON, or the folder holds no HSDS table.
    """
    return _validate_folder(path) if path.is_dir() else _validate_json(JsonText(path), kind)


def _validate_folder(folder: Path) -> Report:
    found = packages.tables(folder)
    if not found:
        raise InvalidInput("holds no table of an HSDS data package (services.csv, …)", file=folder)
    report = Report("data package")
    for table in found:
        for finding in packages.read(table):
            report.add([finding] if finding else [])
            if finding is None:
                report.looked_at()
    return report


def _validate_json(text: JsonText, kind: Kind | None) -> Report:
    if not text.is_object():
        text.whole()
        reason = "must be one object, or one page with its objects in `contents`"
        return _refused(kind, reason)
    sample = list(islice(text.members(), SAMPLE))
    names = {path[0] for path, _ in sample}
    if names & BY_TABLE.keys():
        return _validate_tables(text)
    if names & Page.model_fields.keys():
        return _validate_page(text, kind or kind_of(value for path, value in sample if len(path) == 2))
    whole = {str(path[0]): value for path, value in text.members()}
    kind = kind or kind_of([whole])
    if kind is None:
        return _refused(kind, "has no field of any HSDS object; say with --as what it is meant to be")
    report = Report(kind.name)
    report.check(kind, (), whole)
    return report


def _refused(kind: Kind | None, reason: str) -> Report:
    report = Report(kind.name if kind else "unknown")
    report.add([Finding("", reason)])
    return report


def _validate_page(text: JsonText, kind: Kind | None) -> Report:
    report = Report(f"page of {kind.name}" if kind else "page")
    head = {}
    for path, value in text.members():
        if len(path) == 1:
            head[str(path[0])] = value
        elif kind:
            report.check(kind, path, value)
        else:
            report.add([Finding(pointer(path), "has no field of any HSDS object")])
    report.add(Finding(pointer(path), reason) for path, reason in faults(Page, head))
    return report


def _validate_tables(text: JsonText) -> Report:
    """The tables of a data package as one JSON object: `{"services.csv": [{…}, …], …}`.

    A cell has no type: a number may stand where text is meant, as the standard's own example has it.
    """
    report = Report("data package")
    for (table, *_), rows in text.members():
        kind = BY_TABLE.get(str(table))
        if kind is None:
            continue
        if not isinstance(rows, list):
            report.add([Finding(pointer([table]), "must be an array")])
            continue
        for index, row in enumerate(rows):
            report.add(_row_findings(kind, (table, index), row))
            report.looked_at()
    return report


def _row_findings(kind: Kind, at: tuple[str | int, ...], row: object) -> Iterator[Finding]:
    if not isinstance(row, dict):
        yield Finding(pointer(at), "must be an object")
        return
    cells = {name: _cell(kind, name, value) for name, value in row.items()}
    for path, reason in packages.row_faults(kind, cells):
        yield Finding(pointer((*at, *path)), reason)


def _cell(kind: Kind, name: str, value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return packages.cell_value(kind, name, str(value)) if number else value
