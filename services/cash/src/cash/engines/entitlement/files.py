"""Rules and households in files. Every error names its place; an output file is written whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from solidary.files.command_line import CommandError, InvalidInput, atomic_file, show_progress
from solidary.files.json_document import read_as
from solidary.files.tables import Row, read_rows
from solidary.language.numbers import DecimalMark

from cash.engines.disk_set import disk_set
from cash.engines.entitlement.calculation import Language
from cash.engines.entitlement.definition import ColumnType, RuleDefinition
from cash.engines.entitlement.formula import Value, Values
from cash.engines.entitlement.rule import Entitlement, InvalidRule, NoAmount, Rule, compile_rule
from cash.engines.money import Money

ID_COLUMN = "household_id"


@dataclass(frozen=True, slots=True)
class Household:
    """A row of the file: the household's id, and its values of the rule's columns."""

    row: Row
    id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Summary:
    """The rule that was applied, the number of households, and the sum of their amounts."""

    rule: str
    version: int
    households: int
    total: Money


def entitle_file(
    rule: Rule, households: Path, out: Path, language: Language, decimal: DecimalMark | None = None
) -> Summary:
    """Write each household's amount, parts and calculation to `out` (.csv or .jsonl), line by line.

    Raises InvalidInput with the line of the first household that cannot be read or has no amount, and
    CommandError for another kind of file.
    """
    if out.suffix not in _FORMATS:
        raise CommandError(f"{out}: The name of the output file must end in {' or '.join(_FORMATS)}.")
    count = total = 0
    with atomic_file(out) as file:
        writer = _FORMATS[out.suffix](file, rule, language)
        for household in read_households(households, rule.columns, decimal):
            try:
                entitlement = rule.calculate(household.values)
            except NoAmount as error:
                raise household.row.error(f"{household.id}: {error}") from None
            writer.write(household.id, entitlement)
            count, total = count + 1, total + entitlement.amount.minor
            if count % 10_000 == 0:
                show_progress(count, None, "households")
    definition = rule.definition
    return Summary(definition.name, definition.version, count, Money(total, definition.currency))


def read_rule(path: Path) -> Rule:
    """Read and check the rule in a JSON file. Raises InvalidInput with a line or a JSON pointer."""
    definition = read_as(path, RuleDefinition, exact=True)
    try:
        return compile_rule(definition)
    except InvalidRule as error:
        raise InvalidInput(error.reason, file=path, place=error.pointer) from None


def read_households(
    path: Path, columns: Mapping[str, ColumnType], decimal: DecimalMark | None = None
) -> Iterator[Household]:
    """Yield the households of a CSV file with `household_id` and these columns. Raises InvalidInput with the line."""
    with disk_set() as ids:
        for row in read_rows(path, (ID_COLUMN, *columns), decimal=decimal):
            id_ = row.text(ID_COLUMN)
            if not ids.add(id_):
                raise row.repeated(ID_COLUMN)
            values = {column: _read_value(row, column, kind) for column, kind in columns.items()}
            yield Household(row, id_, values)


def _read_value(row: Row, column: str, kind: ColumnType) -> Value:
    match kind:
        case "text":
            return row.text(column)
        case "truth":
            return row.truth(column)
    number = row.number(column, least=-_MAX_NUMBER if kind == "number" else 0, most=_MAX_NUMBER)
    if kind == "whole" and number.denominator != 1:
        raise row.error(f"{column}: {row[column]} is not a whole number.")
    return number


_MAX_NUMBER = 10**15


class _CsvWriter:
    """A table with one line per household: amount, parts where there are several, the calculation in one cell."""

    def __init__(self, file: IO[str], rule: Rule, language: Language):
        self._rows, self._language = csv.writer(file, lineterminator="\n"), language
        count = len(rule.weights)
        self._has_parts = count > 1
        parts = [f"part_{number}" for number in range(1, count + 1)] if self._has_parts else []
        self._rows.writerow([ID_COLUMN, "amount", "currency", *parts, "why"])

    def write(self, household: str, entitlement: Entitlement) -> None:
        amount, parts = entitlement.amount, entitlement.parts if self._has_parts else ()
        why = "; ".join(step.describe(self._language) for step in entitlement.steps)
        self._rows.writerow([household, amount.major, amount.currency, *(part.major for part in parts), why])


class _JsonLinesWriter:
    """A file with one JSON object per household, in which the steps are separate."""

    def __init__(self, file: IO[str], rule: Rule, language: Language):
        self._file, self._language = file, language

    def write(self, household: str, entitlement: Entitlement) -> None:
        amount = entitlement.amount
        line = {
            ID_COLUMN: household,
            "amount": str(amount.major),
            "currency": amount.currency,
            "minor_units": amount.minor,
            "parts": [str(part.major) for part in entitlement.parts],
            "why": [{"step": step.name, "text": step.describe(self._language)} for step in entitlement.steps],
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


_FORMATS: dict[str, type[_CsvWriter] | type[_JsonLinesWriter]] = {
    ".csv": _CsvWriter,
    ".jsonl": _JsonLinesWriter,
}
