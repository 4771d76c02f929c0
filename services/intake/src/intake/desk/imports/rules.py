"""The columns of a table of people, and the registrations that its rows make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from solidary.files.tables import Row
from solidary.language.coded import parse_sexes, parse_truth
from solidary.language.numbers import parse_number
from solidary.language.problems import Fault, Invalid

KEY = "household"
"""The column with the agency's own identifier of the household, which its rows have in common."""

HOUSEHOLD = {name: f"/household/{name}" for name in ("area", "cell", "shelter", "own_income", "other_aid")}
MEMBER = {
    **{
        name: f"/{name}"
        for name in (
            *("relation", "given_name", "surname", "second_surname", "born", "sex", "population_group"),
            *("language", "nationality", "entered_on", "needs"),
        )
    },
    "person": "/external_ids",
    "document_kind": "/documents/0/kind",
    "document_number": "/documents/0/number",
    "document_issuer": "/documents/0/issuer",
    "phone": "/phones/0/number",
    "phone_safe": "/phones/0/safe",
    "phone_shared": "/phones/0/shared",
}
REQUIRED = (KEY, "relation", "given_name", "sex", "population_group", "area")
KNOWN = (KEY, *MEMBER, *HOUSEHOLD)
TRUTHS = ("phone_safe", "phone_shared")
AMOUNTS = ("own_income", "other_aid")
HEAD = "head"


@dataclass
class Draft:
    """A registration as a file has it: its lines, its body, and what is wrong with cells, by line.

    `rows` is whether it comes from a table, whose places are columns.
    """

    lines: list[int]
    body: dict[str, Any]
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    is_table: bool = True

    def place(self, pointer: str) -> tuple[int, str]:
        """Return the line and the column to which a pointer into the body leads, or the pointer of a JSON line."""
        if not self.is_table:
            return self.lines[0], pointer or "/"
        parts = pointer.split("/")
        if len(parts) > 2 and parts[1] == "members" and parts[2].isdigit():
            within = "/" + "/".join(parts[3:])
            column = next((name for name, path in MEMBER.items() if within.startswith(path)), KEY)
            return self.lines[int(parts[2])], column
        column = next((name for name, path in HOUSEHOLD.items() if pointer.startswith(path)), KEY)
        return self._head, column

    @property
    def _head(self) -> int:
        relations = [member.get("relation") for member in self.body["members"]]
        return self.lines[relations.index(HEAD) if HEAD in relations else 0]


def drafts_of(rows: Sequence[Row], system: str) -> Iterator[Draft]:
    """Yield a registration for each household of a table, in the order of their first rows.

    Its place and means are those of the row of its head. Raises Invalid for a column of sexes that has two readings.
    """
    try:
        sexes: Mapping[str, str] = parse_sexes({row["sex"] for row in rows})
    except ValueError as error:
        raise Invalid("The file cannot be read.", Fault("column sex", str(error))) from error
    households: dict[str, list[Row]] = {}
    for row in rows:
        # A row without a household is alone, and is refused alone.
        households.setdefault(row[KEY] or f"\0{row.line}", []).append(row)
    for members in households.values():
        yield _draft(members, system, sexes)


def _draft(rows: Sequence[Row], system: str, sexes: Mapping[str, str]) -> Draft:
    draft = Draft([row.line for row in rows], {"household": {}, "members": []})
    for row in rows:
        draft.faults += [(row.line, fault) for fault in _cell_faults(row)]
        draft.body["members"].append(_member(row, system, sexes, draft))
    head = next((row for row in rows if row["relation"] == HEAD), rows[0])
    household: dict[str, Any] = {}
    for name in HOUSEHOLD:
        if text := head.cells.get(name):
            household[name] = _amount(head, name, draft) if name in AMOUNTS else text
    if key := rows[0][KEY]:
        household["external_ids"] = [{"system": system, "value": key}]
    else:
        draft.faults.append(
            (rows[0].line, Fault(KEY, "This cell is required: it joins the rows of a household."))
        )
    draft.body["household"] = household
    return draft


def _member(row: Row, system: str, sexes: Mapping[str, str], draft: Draft) -> dict[str, Any]:
    cells = {name: text for name, text in row.cells.items() if text}
    member: dict[str, Any] = {
        name: cells[name]
        for name in MEMBER
        if name in cells and MEMBER[name] == f"/{name}" and name != "needs"
    }
    member["sex"] = sexes[row["sex"]]
    if "person" in cells:
        member["external_ids"] = [{"system": system, "value": cells["person"]}]
    if codes := cells.get("needs"):
        member["needs"] = [{"code": code} for code in codes.replace(",", " ").replace(";", " ").split()]
    document = {
        part: cells[f"document_{part}"]
        for part in ("kind", "number", "issuer")
        if f"document_{part}" in cells
    }
    if document:
        member["documents"] = [document]
    if "phone" in cells:
        phone: dict[str, Any] = {"number": cells["phone"]}
        for name in TRUTHS:
            if name in cells:
                phone[name.removeprefix("phone_")] = _truth(row, name, draft)
        member["phones"] = [phone]
    return member


def _cell_faults(row: Row) -> Iterable[Fault]:
    for column, reason in row.unreadable.items():
        yield Fault(column, reason)
    for column, text in row.cells.items():
        if text.startswith("="):
            yield Fault(column, "This cell begins like a formula. Write its value.")


def _truth(row: Row, column: str, draft: Draft) -> bool:
    try:
        return parse_truth(row[column])
    except ValueError:
        draft.faults.append((row.line, Fault(column, "This is neither yes nor no. Write true or false.")))
        return False


def _amount(row: Row, column: str, draft: Draft) -> int:
    try:
        value = parse_number(row[column])
        if value.denominator == 1:
            return int(value)
        reason = "This must be a whole number of minor units."
    except ValueError as error:
        reason = str(error)
    draft.faults.append((row.line, Fault(column, reason)))
    return 0
