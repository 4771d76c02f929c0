"""Projects and ballots as plain values, and the profile that the rules compute on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Project:
    """Something that can be funded whole or not at all. `cost` is in currency units, at least zero."""

    id: str
    cost: Fraction
    name: str = ""

    def __post_init__(self) -> None:
        if self.cost < 0:
            raise ValueError(f"project {self.id}: the cost is negative")


@dataclass(frozen=True)
class Ballot:
    """What `count` voters of one community said alike.

    `points` maps project id to what the ballot gives it: 1 for an approval, the points of a cumulative or
    scoring ballot, the Borda points of a ranking. An empty mapping is a blank ballot: a voter all the same.
    """

    points: Mapping[str, Fraction]
    community: str = ""
    count: int = 1

    @classmethod
    def approving(cls, *projects: str, community: str = "", count: int = 1) -> Ballot:
        return cls({project: Fraction(1) for project in projects}, community, count)


@dataclass(frozen=True)
class Profile:
    """All ballots, equal ones of a community counted once, in the integers that the rules compute with.

    Money is counted in `1 / money_unit` of the currency unit and points in `1 / point_unit`, the coarsest
    units in which every amount is whole, so that no rule ever meets a decimal. Per project,
    `supporters[c]` are the indices of the ballots that give it more than nothing, `points[c]` what they
    give.
    """

    projects: tuple[Project, ...]
    ballots: tuple[Ballot, ...]
    budget: int
    costs: tuple[int, ...]
    money_unit: int
    point_unit: int
    counts: Ints
    supporters: tuple[NDArray[np.intp], ...]
    points: tuple[Ints, ...]
    scores: tuple[Fraction, ...]
    voters: int
    votes: tuple[int, ...]

    @classmethod
    def of(cls, projects: Iterable[Project], ballots: Iterable[Ballot], budget: Fraction | int) -> Profile:
        """Raises ValueError for a repeated project, a ballot for an unknown one, a negative budget."""
        listed = tuple(projects)
        place = {project.id: index for index, project in enumerate(listed)}
        if len(place) < len(listed):
            raise ValueError("two projects have the same id")
        if budget < 0:
            raise ValueError("the budget is negative")
        distinct = _merged(ballots, place)
        money_unit = lcm(Fraction(budget).denominator, *(project.cost.denominator for project in listed))
        point_unit = lcm(*(given.denominator for ballot in distinct for given in ballot.points.values()))
        scores, supporters, points = _by_project(listed, distinct, place, point_unit)
        counts = np.array([ballot.count for ballot in distinct], dtype=np.int64)
        return cls(
            projects=listed,
            ballots=distinct,
            budget=int(budget * money_unit),
            costs=tuple(int(project.cost * money_unit) for project in listed),
            money_unit=money_unit,
            point_unit=point_unit,
            counts=counts,
            supporters=supporters,
            points=points,
            scores=scores,
            voters=int(counts.sum()),
            votes=tuple(int(counts[who].sum()) for who in supporters),
        )

    def with_votes(self, project: int, votes: int) -> Profile:
        """As if so many more voters had come, each for this project alone, with one point."""
        newcomers = Ballot.approving(self.projects[project].id, count=votes)
        return replace(
            self,
            ballots=(*self.ballots, newcomers),
            counts=np.append(self.counts, votes),
            supporters=_grown(self.supporters, project, len(self.ballots)),
            points=_grown(self.points, project, self.point_unit),
            scores=tuple(score + votes * (c == project) for c, score in enumerate(self.scores)),
            voters=self.voters + votes,
            votes=tuple(held + votes * (c == project) for c, held in enumerate(self.votes)),
        )

    def tie_order(self) -> list[int]:
        """Each project's place when all else is equal: more votes, then the lower cost, then the id."""
        ordered = sorted(
            range(len(self.projects)), key=lambda c: (-self.votes[c], self.costs[c], self.projects[c].id)
        )
        places = {c: place for place, c in enumerate(ordered)}
        return [places[c] for c in range(len(ordered))]

    def money(self, amount: int | Fraction) -> Fraction:
        """An amount of the profile's units in currency units."""
        return Fraction(amount) / self.money_unit

    def total(self, chosen: Iterable[int]) -> int:
        return sum(self.costs[c] for c in chosen)


def _grown(columns: tuple[NDArray[Any], ...], at: int, value: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.append(column, value) if c == at else column for c, column in enumerate(columns))


def _merged(ballots: Iterable[Ballot], known: Mapping[str, int]) -> tuple[Ballot, ...]:
    counts: dict[tuple[str, tuple[tuple[str, Fraction], ...]], int] = {}
    first: dict[tuple[str, tuple[tuple[str, Fraction], ...]], Ballot] = {}
    for ballot in ballots:
        if unknown := ballot.points.keys() - known.keys():
            raise ValueError(f"a ballot names the unknown project {sorted(unknown)[0]}")
        key = (ballot.community, tuple(sorted(ballot.points.items())))
        first.setdefault(key, ballot)
        counts[key] = counts.get(key, 0) + ballot.count
    return tuple(Ballot(first[key].points, key[0], count) for key, count in counts.items())


def _by_project(
    projects: Sequence[Project], ballots: Sequence[Ballot], place: Mapping[str, int], point_unit: int
) -> tuple[tuple[Fraction, ...], tuple[NDArray[np.intp], ...], tuple[Ints, ...]]:
    who: list[list[int]] = [[] for _ in projects]
    given: list[list[int]] = [[] for _ in projects]
    scores = [0] * len(projects)
    for index, ballot in enumerate(ballots):
        for project, points in ballot.points.items():
            whole, column = int(points * point_unit), place[project]
            scores[column] += whole * ballot.count
            if whole > 0:
                who[column].append(index)
                given[column].append(whole)
    return (
        tuple(Fraction(score, point_unit) for score in scores),
        tuple(np.array(column, dtype=np.intp) for column in who),
        tuple(np.array(column, dtype=np.int64) for column in given),
    )
