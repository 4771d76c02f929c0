"""The skills of people and the requirements of openings, read from CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from solidary.files.tables import Row, read_rows

from market.engines.skills.esco import Catalogue
from market.engines.skills.folding import without_accents
from market.engines.skills.matching import Opening

SEPARATOR = "|"
"""The separator of the skills within a cell."""

MAX_POSTS = 1_000_000


class SkillNames:
    """The names of skills, one for each skill however it is written.

    With a catalogue, an id, a URI or any label of ESCO is replaced by the preferred label. A name that ESCO does
    not have is kept. Accents, capitals and spaces make no difference.
    """

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue or Catalogue()
        self._names: dict[str, str] = {}
        skills = self._catalogue.skills.values()
        for skill in skills:
            for key in (skill.label, skill.id, skill.uri):
                self._names.setdefault(_key(key), skill.label)
        for skill in skills:
            for name in skill.other_labels:
                self._names.setdefault(_key(name), skill.label)
        self._occupations = {
            _key(key): occupation.id
            for occupation in self._catalogue.occupations.values()
            for key in (occupation.label, occupation.code, occupation.uri, occupation.id)
        }

    def people(self, file: Path) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the people of a file with their skills, from the columns `person` and `skills` (separated by `|`)."""
        people: set[str] = set()
        for row in read_rows(file, ["person", "skills"]):
            if row.text("person") in people:
                raise row.repeated("person")
            people.add(row["person"])
            yield row["person"], self._skills(row["skills"])

    def openings(self, file: Path) -> Iterator[tuple[Opening, int]]:
        """Yield the openings of a file with their number of posts (one without a column `posts`).

        The columns are `opening`, `essential` and `optional`. With a catalogue, the skills that ESCO relates to the
        `occupation` (an ESCO code, id, URI or name) are added. A skill that is both essential and optional is
        essential.
        """
        names: set[str] = set()
        for row in read_rows(file, ["opening", "essential", "optional"]):
            name = row.text("opening")
            if name in names:
                raise row.repeated("opening")
            names.add(name)
            essential, optional = self._skills(row["essential"]), self._skills(row["optional"])
            for skill, relation in self._skills_of_occupation(row).items():
                if relation == "essential":
                    essential |= {skill}
                else:
                    optional |= {skill}
            yield Opening(name, essential, optional - essential), _posts(row)

    def _skills_of_occupation(self, row: Row) -> dict[str, str]:
        occupation = row.cells.get("occupation", "")
        if not occupation:
            return {}
        if _key(occupation) not in self._occupations:
            raise row.error(f"The occupation {occupation!r} is not in the ESCO catalogue (--esco).")
        related = self._catalogue.skills_of_occupations.get(self._occupations[_key(occupation)], {})
        return {self._catalogue.skills[skill].label: relation for skill, relation in related.items()}

    def _skills(self, cell: str) -> frozenset[str]:
        names = (name.strip() for name in cell.split(SEPARATOR))
        return frozenset(self._names.setdefault(_key(name), name) for name in names if name)


def _posts(row: Row) -> int:
    if not row.cells.get("posts"):
        return 1
    posts = row.number("posts", most=MAX_POSTS)
    if posts.denominator != 1:
        raise row.error(f"The number of posts {row['posts']} is not a whole number.")
    return int(posts)


@lru_cache(maxsize=1 << 16)
def _key(name: str) -> str:
    return " ".join(without_accents(name).split())
