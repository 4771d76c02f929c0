"""The columns of a table of services, and the entries that its rows make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solidary.files.tables import Row
from solidary.language.coded import parse_truth
from solidary.language.numbers import DecimalMark, parse_number
from solidary.language.problems import Fault
from solidary.platform.bulk import FileLine

KEY = "id"
"""The column with the agency's own identifier of the service."""
TEXTS = ("name", "organization", "description", "category", "purpose", "status", "eligibility", "area")
WORDS = ("needs", "languages")
"""Columns with several codes, separated by spaces."""
TRUTHS = ("confidential", "remote")
NUMBERS = ("latitude", "longitude", "answers_within_hours")
HOURS = ("byday", "opens_at", "closes_at")
DETAILS = ("email", "url", "application_process", "eligibility_description", "fees_description")
LISTS = ("telephones", "required_documents")
"""Columns with several texts, separated by semicolons."""
REQUIRED = (KEY, "name", "organization", "description", "category", "confidential", "area")
KNOWN = (KEY, *TEXTS, *WORDS, *TRUTHS, *NUMBERS, *HOURS, *DETAILS, *LISTS)


def entry_of(row: Row, system: str) -> FileLine:
    """Return the body of the request that a row makes, or what is wrong with its cells."""
    cells = {name: text for name, text in row.cells.items() if text}
    faults = [Fault(column, reason) for column, reason in row.unreadable.items()]
    body: dict[str, Any] = {name: cells[name] for name in TEXTS if name in cells}
    body |= {name: cells[name].replace(",", " ").split() for name in WORDS if name in cells}
    for name in (*TRUTHS, *NUMBERS):
        if name in cells:
            try:
                body[name] = parse_truth(cells[name]) if name in TRUTHS else _number(cells[name])
            except ValueError as error:
                faults.append(Fault(name, str(error)))
    hours = {name: cells[name] for name in HOURS if name in cells}
    body["details"] = {
        **{name: cells[name] for name in DETAILS if name in cells},
        **{name: list(_parts(cells[name])) for name in LISTS if name in cells},
        **({"schedules": [hours]} if hours else {}),
    }
    body["external_ids"] = [{"system": system, "value": cells[KEY]}] if KEY in cells else []
    return FileLine(row.line, body, faults)


def column_of(pointer: str) -> str:
    """Return the column to which a pointer into the body of a row leads."""
    parts = pointer.split("/")[1:]
    named = [part for part in parts if part in KNOWN]
    return named[-1] if named else KEY


def _number(text: str) -> int | float:
    """Return a coordinate or a number of hours, which have no mark for thousands."""
    mark = DecimalMark.COMMA if "," in text else DecimalMark.POINT
    value = parse_number(text, mark)
    return int(value) if value.denominator == 1 else float(value)


def _parts(text: str) -> Iterator[str]:
    return filter(None, (part.strip() for part in text.split(";")))
