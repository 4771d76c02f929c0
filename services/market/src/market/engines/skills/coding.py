"""From a free answer ("pego bloques en obras") to occupations, with a score and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from market.engines.skills import isco
from market.engines.skills.esco import Catalogue
from market.engines.skills.labels import Hit, Index, Label

UNIT_GROUP = 4
ESCO_SHOWN = 3


@dataclass
class Candidate:
    """An ISCO-08 unit group an answer may belong to, and the ESCO occupations in it that fit the words.

    `score` runs from 0 to 1 and ranks; it is not a probability. `because` is the label found and the
    words of the answer that it shares.
    """

    group: isco.Group
    score: float
    because: Hit
    esco: list[tuple[str, Hit]] = field(default_factory=list)


class Coder:
    """Codes answers in Spanish or English by the package's own words and, if given, ESCO's labels."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        esco = catalogue or Catalogue()
        self._esco = {occupation.code: occupation.label for occupation in esco.occupations.values()}
        self._index = Index([*isco.labels(), *occupation_labels(esco)])

    def candidates(self, answer: str, limit: int = 3) -> list[Candidate]:
        """The unit groups the answer may belong to, best first; none where no word is known."""
        found: dict[str, Candidate] = {}
        for hit in self._index.search(answer, limit=None):
            code = hit.code[:UNIT_GROUP]
            if code not in found:
                if len(found) == limit:
                    continue
                found[code] = Candidate(isco.groups()[code], round(hit.score, 4), hit)
            if hit.code in self._esco and len(found[code].esco) < ESCO_SHOWN:
                found[code].esco.append((self._esco[hit.code], hit))
        return list(found.values())


def occupation_labels(catalogue: Catalogue) -> Iterator[Label]:
    """All names of ESCO's occupations, by their code, which begins with that of their ISCO group."""
    for occupation in catalogue.occupations.values():
        for name in (occupation.label, *occupation.other_labels):
            yield Label(name, catalogue.language, occupation.code)


def skill_labels(catalogue: Catalogue) -> Iterator[Label]:
    """All names of ESCO's skills, by their id."""
    for skill in catalogue.skills.values():
        for name in (skill.label, *skill.other_labels):
            yield Label(name, catalogue.language, skill.id)
