"""ESCO, imported from its CSV files into one catalogue, every reference checked.

The files are those of a data set in Tabiya's shape: ISCOGroups, occupations, occupations_hierarchy, skills
and occupation_skill_relations. A catalogue is JSON Lines: an `about`, then groups, occupations, skills and
what each occupation needs. ESCO is © European Union; whoever publishes its content names it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from solidary.files.command_line import InvalidInput, show_progress
from solidary.files.tables import Row, read_rows

from market.engines.skills.folding import Language

RELATIONS = ("essential", "optional")
ABOUT = {
    "kind": "about",
    "classification": "ESCO",
    "attribution": "This uses the ESCO classification of the European Commission. © European Union",
}
MOST_NAMED = 20


@dataclass(frozen=True)
class Group:
    """An ISCO-08 group as ESCO carries it; `parent` is the id of the group above."""

    id: str
    uri: str
    code: str
    label: str
    other_labels: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class Occupation:
    """An ESCO occupation: `code` extends that of its ISCO group; `parent` is a group or an occupation."""

    id: str
    uri: str
    code: str
    group: str
    label: str
    other_labels: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class Skill:
    """A skill or a piece of knowledge, and how far it can be used elsewhere."""

    id: str
    uri: str
    type: str
    reuse: str
    label: str
    other_labels: tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """One occupation needs one skill (both by id)."""

    occupation: str
    skill: str
    relation: str


Record = Group | Occupation | Skill | Need
KINDS: dict[str, type[Record]] = {"group": Group, "occupation": Occupation, "skill": Skill, "need": Need}
_NAMES = {kind: name for name, kind in KINDS.items()}


def read_folder(folder: Path) -> Iterator[Record]:
    """The records of a folder of ESCO files, in an order in which every reference points back.

    Memory holds ids, not texts. Raises InvalidInput with file and line at once for what cannot be read, and
    at the end for all references that lead nowhere (the first twenty named).
    """
    if not folder.is_dir():
        raise InvalidInput("no such folder", file=folder)
    broken: list[InvalidInput] = []
    groups, occupations, skills, codes = set[str](), set[str](), set[str](), set[str]()
    parents = _parents(folder / "occupations_hierarchy.csv")
    for row in read_rows(folder / "ISCOGroups.csv", ["ID", "ESCOURI", "CODE", "PREFERREDLABEL", "ALTLABELS"]):
        codes.add(row.text("CODE"))
        yield Group(_new(row, groups), row["ESCOURI"], row["CODE"], *_names(row), _parent(row, parents))
    for row in read_rows(
        folder / "occupations.csv", ["ID", "ESCOURI", "CODE", "ISCOGROUPCODE", "PREFERREDLABEL", "ALTLABELS"]
    ):
        own, group = row.text("CODE"), row.text("ISCOGROUPCODE")
        if group not in codes:
            broken.append(row.error(f"ISCO group {group} does not exist"))
        yield Occupation(
            _new(row, occupations), row["ESCOURI"], own, group, *_names(row), _parent(row, parents)
        )
    for row in read_rows(
        folder / "skills.csv", ["ID", "ESCOURI", "SKILLTYPE", "REUSELEVEL", "PREFERREDLABEL", "ALTLABELS"]
    ):
        yield Skill(_new(row, skills), row["ESCOURI"], row["SKILLTYPE"], row["REUSELEVEL"], *_names(row))
    broken += _lost(parents, {"ISCOGroup": groups, "ESCOOccupation": occupations})
    yield from _needs(folder / "occupation_skill_relations.csv", occupations, skills, broken)
    if broken:
        raise _all_of(broken)


def _names(row: Row) -> tuple[str, tuple[str, ...]]:
    label = row.text("PREFERREDLABEL")
    others = (line.strip() for line in row["ALTLABELS"].split("\n"))
    return label, tuple(other for other in others if other and other != label)


def _new(row: Row, seen: set[str]) -> str:
    own = row.text("ID")
    if own in seen:
        raise row.error(f"id {own} stands twice")
    seen.add(own)
    return own


Parents = dict[str, tuple[str, Row]]


def _parents(file: Path) -> Parents:
    parents: Parents = {}
    for row in read_rows(file, ["PARENTOBJECTTYPE", "PARENTID", "CHILDID", "CHILDOBJECTTYPE"]):
        for column in ("PARENTOBJECTTYPE", "CHILDOBJECTTYPE"):
            if row[column] not in ("ISCOGroup", "ESCOOccupation"):
                raise row.error(f"{column}: {row[column]!r} is neither ISCOGroup nor ESCOOccupation")
        if row.text("CHILDID") in parents:
            raise row.error(f"{row['CHILDID']} has a second parent")
        parents[row["CHILDID"]] = row.text("PARENTID"), row
    return parents


def _parent(row: Row, parents: Parents) -> str | None:
    return parents[row["ID"]][0] if row["ID"] in parents else None


def _lost(parents: Parents, known: dict[str, set[str]]) -> list[InvalidInput]:
    return [
        row.error(f"{row[type_column]} {row[id_column]} does not exist")
        for _, row in parents.values()
        for type_column, id_column in (("PARENTOBJECTTYPE", "PARENTID"), ("CHILDOBJECTTYPE", "CHILDID"))
        if row[id_column] not in known[row[type_column]]
    ]


def _needs(file: Path, occupations: set[str], skills: set[str], broken: list[InvalidInput]) -> Iterator[Need]:
    seen: set[tuple[str, str]] = set()
    for row in read_rows(file, ["OCCUPATIONID", "RELATIONTYPE", "SKILLID"]):
        need = Need(row.text("OCCUPATIONID"), row.text("SKILLID"), row["RELATIONTYPE"])
        if need.relation not in RELATIONS:
            raise row.error(f"RELATIONTYPE: {need.relation!r} is neither essential nor optional")
        if (need.occupation, need.skill) in seen:
            raise row.error(f"{need.occupation} and {need.skill} are related twice")
        seen.add((need.occupation, need.skill))
        if need.occupation not in occupations:
            broken.append(row.error(f"occupation {need.occupation} does not exist"))
        if need.skill not in skills:
            broken.append(row.error(f"skill {need.skill} does not exist"))
        yield need


def _all_of(broken: list[InvalidInput]) -> InvalidInput:
    more = len(broken) - MOST_NAMED
    lines = [str(error) for error in broken[:MOST_NAMED]] + ([f"and {more} more"] if more > 0 else [])
    return InvalidInput("\n".join(lines))


def write_catalogue(records: Iterator[Record], out: IO[str], language: Language = "en") -> Counter[str]:
    """Writes the records, whose labels are in `language`, as JSON Lines; counts them by kind."""
    counts: Counter[str] = Counter()
    out.write(json.dumps({**ABOUT, "language": language}, ensure_ascii=False) + "\n")
    for record in records:
        kind = _NAMES[type(record)]
        counts[kind] += 1
        out.write(json.dumps({"kind": kind, **asdict(record)}, ensure_ascii=False) + "\n")
        if not counts.total() % 1000:
            show_progress(counts.total(), None, "imported")
    return counts


@dataclass
class Catalogue:
    """An imported ESCO in memory, by id, with its labels in one language."""

    language: Language = "en"
    groups: dict[str, Group] = field(default_factory=dict)
    occupations: dict[str, Occupation] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    needs: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        match record:
            case Group():
                self.groups[record.id] = record
            case Occupation():
                self.occupations[record.id] = record
            case Skill():
                self.skills[record.id] = record
            case Need():
                self.needs.setdefault(record.occupation, {})[record.skill] = record.relation


def read_catalogue(file: Path) -> Catalogue:
    """A catalogue that `write_catalogue` wrote. Raises InvalidInput with the line for anything else."""
    catalogue = Catalogue()
    try:
        with open(file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    _read_line(line, catalogue)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    reason = "not a line of a catalogue: make one with import-esco"
                    raise InvalidInput(reason, file=file, place=f"line {number}") from error
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    return catalogue


def _read_line(line: bytes, catalogue: Catalogue) -> None:
    record = json.loads(line)
    kind = record.pop("kind")
    if kind == "about":
        catalogue.language = record["language"]
        return
    if "other_labels" in record:
        record["other_labels"] = tuple(record["other_labels"])
    catalogue.add(KINDS[kind](**record))
