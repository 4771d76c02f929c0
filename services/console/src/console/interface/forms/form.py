"""A form: its fields with their places in the body that a service takes, and its faults at these places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from starlette.datastructures import FormData

from console.interface.language.catalogue import mark

Kind = Literal["text", "date", "select", "radios", "checkboxes", "textarea", "confirm"]
DATE_PARTS = ("day", "month", "year")
LONGEST = 4000
"""The characters of one entry that are kept; services have limits of their own below it."""


class Choice(NamedTuple):
    """A choice of a field: its code, and the words that are shown."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One entry. `pointer` is its place in the service's body; without one it is for the page only."""

    name: str
    label: str
    pointer: str = ""
    kind: Kind = "text"
    hint: str = ""
    choices: Sequence[Choice] = ()
    required: str = ""
    """The sentence for a missing entry; empty where the entry may be left out."""
    width: str = "govuk-input--width-20"
    inputmode: str = ""
    autocomplete: str = "off"


@dataclass
class Form:
    """A form with what was entered. Labels and hints are in English, and translated where they are shown."""

    fields: Sequence[Field]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    title: str = ""
    """The problem as a whole."""
    action: str = ""
    marks_optional: bool = True
    """False where no entry is required by itself, so that the mark would be noise."""

    @property
    def is_faulty(self) -> bool:
        return bool(self.errors or self.title)

    def read(self, sent: FormData) -> None:
        """Take what was entered, and note entries that are missing or are no days."""
        for each in self.fields:
            self.values[each.name] = _entered(each, sent)
        for each in self.fields:
            value = self.values[each.name]
            if each.kind == "date" and any(value.values()) and _day(value) is None:
                self.errors[each.name] = mark(
                    "This is not a day. Enter a day, a month and a year, such as 27 3 1990."
                )
            elif each.required and not _has_content(value):
                self.errors[each.name] = each.required

    def body(self) -> dict[str, Any]:
        """Return the body for the service, without what was left empty."""
        body: dict[str, Any] = {}
        for each in self.fields:
            value = self.values.get(each.name)
            if each.kind == "date":
                found = _day(value or {})
                value = found.isoformat() if found else None
            elif each.kind == "confirm":
                value = value == "yes"
            if each.pointer and _has_content(value):
                _set(body, each.pointer, value)
        return body

    def take_problem(self, problem: Any) -> None:
        """Note the faults of a service's problem at their fields, and the rest for the form as a whole."""
        self.title, self.action = problem.words
        for pointer, sentence in problem.faults:
            found = self._at(pointer)
            if found is not None:
                self.errors.setdefault(found.name, sentence)

    def _at(self, pointer: str) -> Field | None:
        """Return the field at a pointer: exactly there, or else the one whose place encloses it, or is within it."""
        placed = [each for each in self.fields if each.pointer]
        exact = next((each for each in placed if each.pointer == pointer), None)
        around = next((each for each in placed if pointer.startswith(each.pointer + "/")), None)
        within = next((each for each in placed if each.pointer.startswith(pointer + "/")), None)
        return exact or around or within


def _entered(each: Field, sent: FormData) -> Any:
    if each.kind == "date":
        return {part: _text(sent.get(f"{each.name}-{part}")) for part in DATE_PARTS}
    if each.kind == "checkboxes":
        chosen = sent.getlist(each.name)
        known = {choice.value for choice in each.choices}
        return [value for value in map(str, chosen) if value in known]
    value = _text(sent.get(each.name))
    if each.kind in ("select", "radios") and value not in {choice.value for choice in each.choices}:
        return ""
    return value


def _text(value: object) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _has_content(value: Any) -> bool:
    if isinstance(value, dict):
        return any(value.values())
    return bool(value) or value is False


def _day(parts: Mapping[str, str]) -> date | None:
    try:
        return date(*(int(parts[name]) for name in reversed(DATE_PARTS)))
    except (ValueError, KeyError, OverflowError):
        return None


def date_parts(value: str | None) -> dict[str, str]:
    """Return the parts of an ISO day, as a form shows them."""
    if not value:
        return dict.fromkeys(DATE_PARTS, "")
    day = date.fromisoformat(value)
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def _set(body: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value at a JSON pointer; a number in it is a place of a list that is filled from its beginning."""
    *path, last = pointer.strip("/").split("/")
    place: Any = body
    for step, following in zip(path, [*path[1:], last], strict=False):
        if isinstance(place, list):
            while len(place) <= int(step):
                place.append({})
            place = place[int(step)]
        else:
            place = place.setdefault(step, [] if following.isdigit() else {})
    if isinstance(place, list):
        place.append(value)
    else:
        place[last] = value
