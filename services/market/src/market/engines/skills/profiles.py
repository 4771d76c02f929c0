"""People's skills and openings' requirements, read from tables; skills by name or by ESCO's own keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from solidary.files.tables import Row, read_rows

from market.engines.skills.esco import Catalogue
from market.engines.skills.folding import plain
from market.engines.skills.matching import Opening

BETWEEN = "|"
MOST_POSTS = 1_000_000


class SkillNames:
    """One name per skill, however it is written.

    With a catalogue, an id, an address or any label of ESCO leads to the preferred label. A name that ESCO
    does not have stands for itself; accents, capitals and spaces do not count.
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
        """Who has what: columns `person` and `skills` (separated by `|`)."""
        for row in read_rows(file, ["person", "skills"]):
            yield row.text("person"), self._skills(row["skills"])

    def openings(self, file: Path) -> Iterator[tuple[Opening, int]]:
        """What is asked for, and for how many posts (column `posts`, else one).

        Columns `opening`, `essential`, `optional`; with a catalogue also `occupation` (ESCO code, id, address
        or name), whose needs are added. A skill that is both essential and optional is essential.
        """
        lines: dict[str, int] = {}
        for row in read_rows(file, ["opening", "essential", "optional"]):
            name = row.text("opening")
            if name in lines:
                raise row.error(f"opening {name!r} stands twice, first on line {lines[name]}")
            lines[name] = row.line
            essential, optional = self._skills(row["essential"]), self._skills(row["optional"])
            for skill, relation in self._needs(row).items():
                if relation == "essential":
                    essential |= {skill}
                else:
                    optional |= {skill}
            yield Opening(name, essential, optional - essential), _posts(row)

    def _needs(self, row: Row) -> dict[str, str]:
        occupation = row.cells.get("occupation", "")
        if not occupation:
            return {}
        if _key(occupation) not in self._occupations:
            raise row.error(f"occupation {occupation!r} is not in the catalogue (--esco)")
        needs = self._catalogue.needs.get(self._occupations[_key(occupation)], {})
        return {self._catalogue.skills[skill].label: relation for skill, relation in needs.items()}

    def _skills(self, cell: str) -> frozenset[str]:
        names = (name.strip() for name in cell.split(BETWEEN))
        return frozenset(self._names.setdefault(_key(name), name) for name in names if name)


def _posts(row: Row) -> int:
    if not row.cells.get("posts"):
        return 1
    posts = row.number("posts", most=MOST_POSTS)
    if posts.denominator != 1:
        raise row.error(f"posts: {row['posts']} is no whole number")
    return int(posts)


@lru_cache(maxsize=1 << 16)
def _key(name: str) -> str:
    return " ".join(plain(name).split())
