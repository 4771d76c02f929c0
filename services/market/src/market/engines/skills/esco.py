"""The import of ESCO from its CSV files into one catalogue file, with a check of every reference.

The files have the format of Tabiya's data sets: ISCOGroups, occupations, occupations_hierarchy, skills and
occupation_skill_relations. A catalogue is in JSON Lines: a record `about`, then the groups, occupations, skills and the
relations between occupations and skills. ESCO is © European Union, which must be stated when its content is published.
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
from solidary.language.problems import count_of

from market.engines.skills.folding import Language

RELATIONS = ("essential", "optional")
ABOUT = {
    "kind": "about",
    "classification": "ESCO",
    "attribution": "This uses the ESCO classification of the European Commission. © European Union",
}
MAX_REPORTED = 20
"""The number of unknown references that are reported one by one."""


@dataclass(frozen=True)
class Group:
    """An ISCO-08 group in ESCO. `parent` is the id of the group above it."""

    id: str
    uri: str
    code: str
    label: str
    other_labels: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class Occupation:
    """An ESCO occupation. Its `code` extends that of its ISCO group. `parent` is the id of a group or an occupation."""

    id: str
    uri: str
    code: str
    group: str
    label: str
    other_labels: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class Skill:
    """A skill or a knowledge concept, with its type and reuse level."""

    id: str
    uri: str
    type: str
    reuse: str
    label: str
    other_labels: tuple[str, ...]


@dataclass(frozen=True)
class SkillRelation:
    """The relation of an occupation to a skill, both by id: essential or optional."""

    occupation: str
    skill: str
    relation: str


Record = Group | Occupation | Skill | SkillRelation
KINDS: dict[str, type[Record]] = {
    "group": Group,
    "occupation": Occupation,
    "skill": Skill,
    "relation": SkillRelation,
}
_KIND_NAMES = {kind: name for name, kind in KINDS.items()}


def read_folder(folder: Path) -> Iterator[Record]:
    """Yield the records of a folder of ESCO files, in an order in which every reference points to an earlier record.

    Only ids are kept in memory. Raises InvalidInput with file and line, immediately for a file that cannot be read, and
    at the end for the references to records that do not exist.
    """
    if not folder.is_dir():
        raise InvalidInput("This folder does not exist.", file=folder)
    unknown: list[InvalidInput] = []
    groups, occupations, skills, codes = set[str](), set[str](), set[str](), set[str]()
    parents = _parents(folder / "occupations_hierarchy.csv")
    for row in read_rows(folder / "ISCOGroups.csv", ["ID", "ESCOURI", "CODE", "PREFERREDLABEL", "ALTLABELS"]):
        codes.add(row.text("CODE"))
        yield Group(_new_id(row, groups), row["ESCOURI"], row["CODE"], *_labels(row), _parent(row, parents))
    for row in read_rows(
        folder / "occupations.csv", ["ID", "ESCOURI", "CODE", "ISCOGROUPCODE", "PREFERREDLABEL", "ALTLABELS"]
    ):
        code, group = row.text("CODE"), row.text("ISCOGROUPCODE")
        if group not in codes:
            unknown.append(row.error(f"The ISCO group {group} does not exist."))
        yield Occupation(
            _new_id(row, occupations), row["ESCOURI"], code, group, *_labels(row), _parent(row, parents)
        )
    for row in read_rows(
        folder / "skills.csv", ["ID", "ESCOURI", "SKILLTYPE", "REUSELEVEL", "PREFERREDLABEL", "ALTLABELS"]
    ):
        yield Skill(_new_id(row, skills), row["ESCOURI"], row["SKILLTYPE"], row["REUSELEVEL"], *_labels(row))
    unknown += _unknown_references(parents, {"ISCOGroup": groups, "ESCOOccupation": occupations})
    yield from _relations(folder / "occupation_skill_relations.csv", occupations, skills, unknown)
    if unknown:
        raise _combined(unknown)


def _labels(row: Row) -> tuple[str, tuple[str, ...]]:
    label = row.text("PREFERREDLABEL")
    others = dict.fromkeys(row["ALTLABELS"].split("\n"))
    return label, tuple(other for other in others if other and other != label)


def _new_id(row: Row, seen: set[str]) -> str:
    id_ = row.text("ID")
    if id_ in seen:
        raise row.repeated("ID")
    seen.add(id_)
    return id_


Parents = dict[str, tuple[str, Row]]


def _parents(file: Path) -> Parents:
    parents: Parents = {}
    for row in read_rows(file, ["PARENTOBJECTTYPE", "PARENTID", "CHILDID", "CHILDOBJECTTYPE"]):
        for column in ("PARENTOBJECTTYPE", "CHILDOBJECTTYPE"):
            if row[column] not in ("ISCOGroup", "ESCOOccupation"):
                raise row.error(f"{column} must be ISCOGroup or ESCOOccupation. It is {row[column]!r}.")
        if row.text("CHILDID") in parents:
            raise row.error(f"The child {row['CHILDID']} has two parents.")
        parents[row["CHILDID"]] = row.text("PARENTID"), row
    return parents


def _parent(row: Row, parents: Parents) -> str | None:
    return parents[row["ID"]][0] if row["ID"] in parents else None


def _unknown_references(parents: Parents, known: dict[str, set[str]]) -> list[InvalidInput]:
    return [
        row.error(f"The {row[type_column]} {row[id_column]} does not exist.")
        for _, row in parents.values()
        for type_column, id_column in (("PARENTOBJECTTYPE", "PARENTID"), ("CHILDOBJECTTYPE", "CHILDID"))
        if row[id_column] not in known[row[type_column]]
    ]


def _relations(
    file: Path, occupations: set[str], skills: set[str], unknown: list[InvalidInput]
) -> Iterator[SkillRelation]:
    seen: set[tuple[str, str]] = set()
    for row in read_rows(file, ["OCCUPATIONID", "RELATIONTYPE", "SKILLID"]):
        relation = SkillRelation(row.text("OCCUPATIONID"), row.text("SKILLID"), row["RELATIONTYPE"])
        if relation.relation not in RELATIONS:
            raise row.error(f"RELATIONTYPE must be essential or optional. It is {relation.relation!r}.")
        if (relation.occupation, relation.skill) in seen:
            raise row.error(
                f"The occupation {relation.occupation} and the skill {relation.skill} are related twice."
            )
        seen.add((relation.occupation, relation.skill))
        if relation.occupation not in occupations:
            unknown.append(row.error(f"The occupation {relation.occupation} does not exist."))
        if relation.skill not in skills:
            unknown.append(row.error(f"The skill {relation.skill} does not exist."))
        yield relation


def _combined(unknown: list[InvalidInput]) -> InvalidInput:
    more = len(unknown) - MAX_REPORTED
    lines = [str(error) for error in unknown[:MAX_REPORTED]] + (
        [f"{count_of(more, 'more unknown reference')}."] if more > 0 else []
    )
    return InvalidInput("\n".join(lines))


def write_catalogue(records: Iterator[Record], out: IO[str], language: Language = "en") -> Counter[str]:
    """Write records, whose labels are in `language`, as JSON Lines. Return their number by kind."""
    counts: Counter[str] = Counter()
    out.write(json.dumps({**ABOUT, "language": language}, ensure_ascii=False) + "\n")
    for record in records:
        kind = _KIND_NAMES[type(record)]
        counts[kind] += 1
        out.write(json.dumps({"kind": kind, **asdict(record)}, ensure_ascii=False) + "\n")
        if not counts.total() % 1000:
            show_progress(counts.total(), None, "imported")
    return counts


@dataclass
class Catalogue:
    """An imported ESCO catalogue in memory, by ids, with labels in one language."""

    language: Language = "en"
    groups: dict[str, Group] = field(default_factory=dict)
    occupations: dict[str, Occupation] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    skills_of_occupations: dict[str, dict[str, str]] = field(default_factory=dict)
    """The skills of each occupation, each with its relation: essential or optional."""

    def add(self, record: Record) -> None:
        """Add a record to the catalogue."""
        match record:
            case Group():
                self.groups[record.id] = record
            case Occupation():
                self.occupations[record.id] = record
            case Skill():
                self.skills[record.id] = record
            case SkillRelation():
                self.skills_of_occupations.setdefault(record.occupation, {})[record.skill] = record.relation


def read_catalogue(file: Path) -> Catalogue:
    """Read a catalogue that `write_catalogue` has written. Raises InvalidInput with the line for any other file."""
    catalogue = Catalogue()
    try:
        with open(file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    _read_line(line, catalogue)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    reason = "This is not a line of a catalogue. Create a catalogue with import-esco."
                    raise InvalidInput(reason, file=file, place=f"line {number}") from error
    except OSError as error:
        raise InvalidInput(f"The file cannot be read: {error.strerror or error}.", file=file) from error
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
