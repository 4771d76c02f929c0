"""The coding of free answers ("pego bloques en obras") to occupations, with a score and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from market.engines.skills import isco
from market.engines.skills.esco import Catalogue
from market.engines.skills.labels import Hit, Index, Label
from market.engines.skills.situations import Situation, read_answer

UNIT_GROUP_DIGITS = 4
MAX_ESCO_OCCUPATIONS = 3
"""The number of ESCO occupations shown with each candidate."""


@dataclass
class Candidate:
    """An ISCO-08 unit group to which an answer may belong, with the ESCO occupations in it that match the words.

    `score` is between 0 and 1; it ranks the candidates and is not a probability. `reason` is the label that was found,
    with the words that the answer shares with it.
    """

    group: isco.IscoGroup
    score: float
    reason: Hit
    esco: list[tuple[str, Hit]] = field(default_factory=list)


@dataclass(frozen=True)
class CodedAnswer:
    """The situation that an answer names (see `situations`), and the candidates of the rest of it."""

    situation: Situation | None
    candidates: list[Candidate]


class Coder:
    """A coder of answers in Spanish or English, by the vocabulary of this package and optionally ESCO's labels."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        esco = catalogue or Catalogue()
        self._esco = {occupation.code: occupation.label for occupation in esco.occupations.values()}
        self._index = Index([*isco.labels(), *occupation_labels(esco)])

    def code(self, answer: str, limit: int = 3) -> CodedAnswer:
        """Return the situation of an answer and the candidates of its rest. A situation has no candidates."""
        read = read_answer(answer)
        return CodedAnswer(read.situation, self.candidates(read.rest, limit))

    def candidates(self, answer: str, limit: int = 3) -> list[Candidate]:
        """Return the unit groups to which an answer may belong, the best first; none if no word is known."""
        found: dict[str, Candidate] = {}
        for hit in self._index.search(answer, limit=None):
            code = hit.code[:UNIT_GROUP_DIGITS]
            if code not in found:
                if len(found) == limit:
                    continue
                found[code] = Candidate(isco.groups()[code], round(hit.score, 4), hit)
            if hit.code in self._esco and len(found[code].esco) < MAX_ESCO_OCCUPATIONS:
                found[code].esco.append((self._esco[hit.code], hit))
        return list(found.values())


def occupation_labels(catalogue: Catalogue) -> Iterator[Label]:
    """Yield all labels of ESCO's occupations, by their code, which starts with that of their ISCO group."""
    for occupation in catalogue.occupations.values():
        for name in (occupation.label, *occupation.other_labels):
            yield Label(name, catalogue.language, occupation.code)


def skill_labels(catalogue: Catalogue) -> Iterator[Label]:
    """Yield all labels of ESCO's skills, by their id."""
    for skill in catalogue.skills.values():
        for name in (skill.label, *skill.other_labels):
            yield Label(name, catalogue.language, skill.id)
