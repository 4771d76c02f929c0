"""Which openings fit a person's skills, and why: what they have of what is asked, and what they lack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

#: People looked at together: some 30 MB for 2,000 openings.
BLOCK = 1024


@dataclass(frozen=True)
class Opening:
    """A job that asks for skills: without an essential one it cannot be done, an optional one helps."""

    id: str
    essential: frozenset[str]
    optional: frozenset[str]

    @cached_property
    def in_order(self) -> tuple[list[str], list[str]]:
        """The essential and the optional ones by the alphabet: ordered once, not for each person."""
        return sorted(self.essential), sorted(self.optional)


@dataclass(frozen=True)
class Match:
    """How one opening fits one person, skills by the alphabet. `share` is |have ∩ essential| / |essential|; None
    where nothing essential is stated, for then nobody can tell."""

    opening: str
    share: float | None
    have: list[str]
    lack: list[str]
    have_optional: list[str]
    lack_optional: list[str]


def match(have: Collection[str], opening: Opening) -> Match:
    """One person and one opening, explained."""
    own = frozenset(have)
    essential, optional = opening.in_order
    held = [skill for skill in essential if skill in own]
    return Match(
        opening.id,
        len(held) / len(essential) if essential else None,
        held,
        [skill for skill in essential if skill not in own],
        [skill for skill in optional if skill in own],
        [skill for skill in optional if skill not in own],
    )


class Openings:
    """Openings ready to be matched with many people.

    For each opening the rows of its skills in a table (skill × person, one byte each) are added up: as many
    byte additions as there are requirements, and no more memory than one block of people asks for.
    """

    def __init__(self, openings: Sequence[Opening]) -> None:
        if len(openings) >= 1 << 20:
            raise ValueError("more than a million openings at once")
        self.openings = list(openings)
        asked = sorted(set().union(*(opening.essential | opening.optional for opening in openings)))
        self._row = {skill: row for row, skill in enumerate(asked)}
        self._essential = [self._rows(opening.essential) for opening in openings]
        self._optional = [self._rows(opening.optional) for opening in openings]
        self._essential_worth = [_essential_worth(len(rows)) for rows in self._essential]
        self._optional_worth = [_optional_worth(len(rows)) for rows in self._optional]

    def best(self, people: Iterable[Collection[str]], top: int = 10) -> Iterator[list[Match]]:
        """Each person's `top` openings, best first; people are taken in a block at a time.

        Order: the share of essential skills held, then how many that are, then the share of optional ones,
        then the order of the openings. Openings that state nothing essential come after all of which an
        essential skill is held.
        """
        waiting = iter(people)
        while block := list(islice(waiting, BLOCK)):
            for own, chosen in zip(block, self._chosen(block, top), strict=True):
                yield [match(own, self.openings[number]) for number in chosen]

    def _chosen(self, people: Sequence[Collection[str]], top: int) -> NDArray[np.int64]:
        held = np.zeros((len(self._row), len(people)), dtype=np.uint8)
        for column, skills in enumerate(people):
            held[[self._row[skill] for skill in skills if skill in self._row], column] = 1
        worth = np.empty((len(self.openings), len(people)), dtype=np.int64)
        for number in range(len(self.openings)):
            worth[number] = self._essential_worth[number][_count(held, self._essential[number])]
            worth[number] += self._optional_worth[number][_count(held, self._optional[number])]
            worth[number] -= number
        by_person = np.ascontiguousarray(-worth.T)
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


# An opening's worth to a person is one integer, so that equal ones are equal on every machine. From the top:
# share of essential skills (21 bits: tells apart any two fractions with divisors up to 1,000), their count
# (10), share of optional skills (10), and the place of the opening in the list (20).
_PLACE, _OPTIONAL, _COUNT, _SHARE = 20, 10, 10, 20


def _essential_worth(asked: int) -> NDArray[np.int64]:
    held = np.arange(asked + 1, dtype=np.int64)
    share = (held << _SHARE) // max(asked, 1)
    return ((share << _COUNT) + np.minimum(held, (1 << _COUNT) - 1)) << (_OPTIONAL + _PLACE)


def _optional_worth(asked: int) -> NDArray[np.int64]:
    held = np.arange(asked + 1, dtype=np.int64)
    return (held * ((1 << _OPTIONAL) - 1) // max(asked, 1)) << _PLACE


def skill_gaps(
    openings: Iterable[tuple[Opening, int]],
    supply: Mapping[str, int],
    *,
    essential_weight: float = 1.0,
    optional_weight: float = 0.5,
) -> dict[str, float]:
    """For every skill asked for, how many more people with it are wanted than there are.

    gap = Σ openings · weight − supply, over (opening, how many posts), by whether the skill is essential
    or optional there; `supply` is the number of people who have it. Negative: more people than posts.
    Greatest first.
    """
    gaps: dict[str, float] = {}
    for opening, posts in openings:
        for skills, weight in ((opening.essential, essential_weight), (opening.optional, optional_weight)):
            for skill in skills:
                gaps[skill] = gaps.get(skill, -supply.get(skill, 0)) + posts * weight
    return dict(sorted(gaps.items(), key=lambda gap: (-gap[1], gap[0])))
