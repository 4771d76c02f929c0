"""Rules and households on disk: read with a place for every error, written whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError
from solidary.files.command_line import CommandError, InvalidInput, atomic_file, show_progress
from solidary.files.tables import Row, read_rows

from cash.engines.disk_set import once
from cash.engines.entitlement.formula import Value, Values
from cash.engines.entitlement.phrases import Language
from cash.engines.entitlement.rule import BadRule, Entitlement, NoAmount, Rule, check
from cash.engines.entitlement.written import Column, WrittenRule
from cash.engines.money import Money

HOUSEHOLD = "household_id"


@dataclass(frozen=True, slots=True)
class Household:
    """A row of the file: whose it is and what the rule asks about."""

    row: Row
    id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written: by which rule, for how many households, and what they receive together."""

    rule: str
    version: int
    households: int
    total: Money


def entitle_file(rule: Rule, households: Path, out: Path, language: Language) -> Summary:
    """Writes each household's amount, parts and reasons to `out` (.csv or .jsonl), line by line.

    Raises InvalidInput with the line of the first household that cannot be read or has no amount.
    """
    if out.suffix not in _FORMATS:
        raise CommandError(f"{out}: writes {' or '.join(_FORMATS)}")
    count = total = 0
    with atomic_file(out) as file:
        sheet = _FORMATS[out.suffix](file, rule, language)
        for household in read_households(households, rule.columns):
            try:
                entitlement = rule.entitle(household.values)
            except NoAmount as error:
                raise household.row.broken(f"{household.id}: {error}") from None
            sheet.write(household.id, entitlement)
            count, total = count + 1, total + entitlement.amount.minor
            if count % 10_000 == 0:
                show_progress(count, None, "households")
    written = rule.written
    return Summary(written.name, written.version, count, Money(total, written.currency))


def read_rule(path: Path) -> Rule:
    """The rule in a JSON file, checked; raises InvalidInput with a line or a JSON pointer."""
    try:
        written = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal, object_pairs_hook=_once)
        return check(WrittenRule.model_validate(written))
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from None
    except json.JSONDecodeError as error:
        raise InvalidInput(error.msg, file=path, place=f"line {error.lineno}, column {error.colno}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(first["msg"], file=path, place=_pointer(first["loc"])) from None
    except BadRule as error:
        raise InvalidInput(error.reason, file=path, place=error.pointer) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(str(error), file=path) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    once = dict(pairs)
    if len(once) < len(pairs):
        raise ValueError(f"a name stands twice in one object: {', '.join(key for key, _ in pairs)}")
    return once


def _pointer(place: tuple[int | str, ...]) -> str:
    """Pydantic's place as a JSON pointer, without the union's member, which is not in the file."""
    if place[:1] in (("amount",), ("multiplier",)):
        place = place[:1] + place[2:]
    return "".join(f"/{part}" for part in place) or "/"


def read_households(path: Path, columns: Mapping[str, Column]) -> Iterator[Household]:
    """Streams the households of a CSV file with `household_id` and these columns.

    Raises InvalidInput with the line.
    """
    with once() as names:
        for row in read_rows(path, (HOUSEHOLD, *columns)):
            name = row.text(HOUSEHOLD)
            if names.again(name):
                raise row.broken(f"{HOUSEHOLD} {name} stands twice")
            values = {column: _value(row, column, kind) for column, kind in columns.items()}
            yield Household(row, name, values)


def _value(row: Row, column: str, kind: Column) -> Value:
    match kind:
        case "text":
            return row.text(column)
        case "truth":
            if row[column].lower() not in _TRUTHS:
                raise row.broken(f"{column}: {row[column]!r} is neither yes nor no")
            return _TRUTHS[row[column].lower()]
    number = row.number(column, least=-_MOST if kind == "number" else 0, most=_MOST)
    if kind == "whole" and number.denominator != 1:
        raise row.broken(f"{column}: {row[column]} is not a whole number")
    return number


_MOST = 10**15
_TRUTHS = {"true": True, "yes": True, "sí": True, "si": True, "false": False, "no": False}


class _Csv:
    """One line per household: amount, parts where there are several, reasons in one cell."""

    def __init__(self, file: IO[str], rule: Rule, language: Language):
        self._rows, self._language = csv.writer(file, lineterminator="\n"), language
        count = len(rule.weights)
        self._split = count > 1
        parts = [f"part_{number}" for number in range(1, count + 1)] if self._split else []
        self._rows.writerow([HOUSEHOLD, "amount", "currency", *parts, "why"])

    def write(self, household: str, entitlement: Entitlement) -> None:
        amount, parts = entitlement.amount, entitlement.parts if self._split else ()
        why = "; ".join(step.say(self._language) for step in entitlement.steps)
        self._rows.writerow([household, amount.major, amount.currency, *(part.major for part in parts), why])


class _JsonLines:
    """One JSON object per household, with each step apart."""

    def __init__(self, file: IO[str], rule: Rule, language: Language):
        self._file, self._language = file, language

    def write(self, household: str, entitlement: Entitlement) -> None:
        amount = entitlement.amount
        line = {
            HOUSEHOLD: household,
            "amount": str(amount.major),
            "currency": amount.currency,
            "minor_units": amount.minor,
            "parts": [str(part.major) for part in entitlement.parts],
            "why": [{"step": step.what, "text": step.say(self._language)} for step in entitlement.steps],
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


_FORMATS: dict[str, type[_Csv] | type[_JsonLines]] = {".csv": _Csv, ".jsonl": _JsonLines}
