"""The openings that match a person's skills, with the required skills that the person has and lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

PEOPLE_PER_BLOCK = 1024
"""The number of people who are matched together, which takes some 30 MB for 2,000 openings."""


@dataclass(frozen=True)
class Opening:
    """A job opening with its essential and optional skills."""

    id: str
    essential: frozenset[str]
    optional: frozenset[str]

    @cached_property
    def sorted_skills(self) -> tuple[list[str], list[str]]:
        """The essential and the optional skills in alphabetical order, which is computed once."""
        return sorted(self.essential), sorted(self.optional)


@dataclass(frozen=True)
class Match:
    """A person's match with one opening, with skills in alphabetical order.

    `share` is |have ∩ essential| / |essential|, or None for an opening without essential skills.
    """

    opening: str
    share: float | None
    have: list[str]
    lack: list[str]
    have_optional: list[str]
    lack_optional: list[str]


def match(have: Collection[str], opening: Opening) -> Match:
    """Return the match of a person's skills with one opening."""
    own = frozenset(have)
    essential, optional = opening.sorted_skills
    held = [skill for skill in essential if skill in own]
    return Match(
        opening.id,
        len(held) / len(essential) if essential else None,
        held,
        [skill for skill in essential if skill not in own],
        [skill for skill in optional if skill in own],
        [skill for skill in optional if skill not in own],
    )


class OpeningMatcher:
    """A matcher of many people with the same openings.

    For each opening it adds up the rows of its skills in a table (skill × person, one byte each). That takes one
    addition of bytes for each required skill and person, and the memory of one block of people.
    """

    def __init__(self, openings: Sequence[Opening]) -> None:
        if len(openings) >= 1 << 20:
            raise ValueError("The matcher takes at most 1,048,575 openings.")
        self.openings = list(openings)
        required = sorted(set().union(*(opening.essential | opening.optional for opening in openings)))
        self._row = {skill: row for row, skill in enumerate(required)}
        self._essential = [self._rows(opening.essential) for opening in openings]
        self._optional = [self._rows(opening.optional) for opening in openings]
        self._essential_score = [_essential_score(len(rows)) for rows in self._essential]
        self._optional_score = [_optional_score(len(rows)) for rows in self._optional]

    def best(self, people: Iterable[Collection[str]], top: int = 10) -> Iterator[list[Match]]:
        """Yield each person's `top` openings, the best first. People are read in blocks.

        Openings are ordered by the share of essential skills that the person has, then by their number, then by the
        share of optional skills, then by the order of the openings. Openings without essential skills come after
        all openings of which the person has an essential skill.
        """
        remaining = iter(people)
        while block := list(islice(remaining, PEOPLE_PER_BLOCK)):
            for own, chosen in zip(block, self._best_openings(block, top), strict=True):
                yield [match(own, self.openings[number]) for number in chosen]

    def _best_openings(self, people: Sequence[Collection[str]], top: int) -> NDArray[np.int64]:
        held = np.zeros((len(self._row), len(people)), dtype=np.uint8)
        for column, skills in enumerate(people):
            held[[self._row[skill] for skill in skills if skill in self._row], column] = 1
        scores = np.empty((len(self.openings), len(people)), dtype=np.int64)
        for number in range(len(self.openings)):
            scores[number] = self._essential_score[number][_count(held, self._essential[number])]
            scores[number] += self._optional_score[number][_count(held, self._optional[number])]
            scores[number] -= number
        by_person = np.ascontiguousarray(-scores.T)
        top = min(top, len(self.openings))
        if top < len(self.openings):
            chosen = np.argpartition(by_person, top, axis=1)[:, :top]
        else:
            chosen = np.tile(np.arange(top), (len(people), 1))
        order = np.argsort(np.take_along_axis(by_person, chosen, axis=1), axis=1)
        return np.take_along_axis(chosen, order, axis=1)

    def _rows(self, skills: Iterable[str]) -> NDArray[np.intp]:
        return np.array(sorted(self._row[skill] for skill in skills), dtype=np.intp)


def _count(held: NDArray[np.uint8], rows: NDArray[np.intp]) -> NDArray[np.integer]:
    kind = np.uint8 if len(rows) < 256 else np.uint16
    counted: NDArray[np.integer] = held[rows].sum(axis=0, dtype=kind)
    return counted


# An opening's score for a person is one integer, so that equal scores are equal on every machine. From the highest
# bits on it holds the share of essential skills (21 bits, which distinguish any two fractions with divisors up to
# 1,000), their number (10), the share of optional skills (10) and the position of the opening in the list (20).
_POSITION_BITS, _OPTIONAL_BITS, _COUNT_BITS, _SHARE_BITS = 20, 10, 10, 20


def _essential_score(required: int) -> NDArray[np.int64]:
    held = np.arange(required + 1, dtype=np.int64)
    share = (held << _SHARE_BITS) // max(required, 1)
    return ((share << _COUNT_BITS) + np.minimum(held, (1 << _COUNT_BITS) - 1)) << (
        _OPTIONAL_BITS + _POSITION_BITS
    )


def _optional_score(required: int) -> NDArray[np.int64]:
    held = np.arange(required + 1, dtype=np.int64)
    return (held * ((1 << _OPTIONAL_BITS) - 1) // max(required, 1)) << _POSITION_BITS


def skill_gaps(
    openings: Iterable[tuple[Opening, int]],
    supply: Mapping[str, int],
    *,
    essential_weight: float = 1.0,
    optional_weight: float = 0.5,
) -> dict[str, float]:
    """Return, for every required skill, the number of people with it who are missing, the greatest number first.

    `openings` has pairs of an opening and its number of posts, `supply` the number of people who have each skill.
    The gap is Σ posts · weight − supply, with the weight by whether the opening requires the skill as essential or
    optional. A negative gap means that there are more people than posts.
    """
    gaps: dict[str, float] = {}
    for opening, posts in openings:
        for skills, weight in ((opening.essential, essential_weight), (opening.optional, optional_weight)):
            for skill in skills:
                gaps[skill] = gaps.get(skill, -supply.get(skill, 0)) + posts * weight
    return dict(sorted(gaps.items(), key=lambda gap: (-gap[1], gap[0])))
