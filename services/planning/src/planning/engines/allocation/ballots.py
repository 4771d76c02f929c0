"""Projects and ballots as plain values, and the profile on which the rules compute."""

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
    """A project that is funded whole or not at all. `cost` is in currency units, at least zero."""

    id: str
    cost: Fraction
    name: str = ""

    def __post_init__(self) -> None:
        if self.cost < 0:
            raise ValueError(f"The cost of project {self.id} is negative.")


@dataclass(frozen=True)
class Ballot:
    """The ballot that `count` voters of one community cast alike.

    `points` maps a project's id to the points the ballot gives it: 1 for an approval, the points of a cumulative or
    scoring ballot, the Borda points of a ranking. An empty mapping is a blank ballot, which counts as a voter.
    """

    points: Mapping[str, Fraction]
    community: str = ""
    count: int = 1

    @classmethod
    def approving(cls, *projects: str, community: str = "", count: int = 1) -> Ballot:
        """Return an approval ballot for these projects."""
        return cls({project: Fraction(1) for project in projects}, community, count)


@dataclass(frozen=True)
class Profile:
    """All ballots, with equal ones of a community merged, in the integers that the rules compute with.

    Money is counted in `1 / money_unit` of the currency unit and points in `1 / point_unit`, the coarsest units in
    which every amount is whole, so that the rules compute with whole numbers only. For project c, `supporters[c]` are
    the indices of the ballots that give it points above zero, and `points[c]` are these points.
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
    def from_ballots(
        cls, projects: Iterable[Project], ballots: Iterable[Ballot], budget: Fraction | int
    ) -> Profile:
        """Return the profile of an election.

        Raises ValueError for a repeated project, a ballot for an unknown one, or a negative budget.
        """
        listed = tuple(projects)
        index_of = {project.id: index for index, project in enumerate(listed)}
        if len(index_of) < len(listed):
            raise ValueError("Two projects have the same id.")
        if budget < 0:
            raise ValueError("The budget is negative.")
        distinct = _merge_equal_ballots(ballots, index_of)
        money_unit = lcm(Fraction(budget).denominator, *(project.cost.denominator for project in listed))
        point_unit = lcm(*(given.denominator for ballot in distinct for given in ballot.points.values()))
        scores, supporters, points = _group_by_project(listed, distinct, index_of, point_unit)
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
            votes=tuple(int(counts[ballots_of].sum()) for ballots_of in supporters),
        )

    def with_votes(self, project: int, votes: int) -> Profile:
        """Return the profile with this many additional voters, each giving one point to this project alone."""
        additional = Ballot.approving(self.projects[project].id, count=votes)
        return replace(
            self,
            ballots=(*self.ballots, additional),
            counts=np.append(self.counts, votes),
            supporters=_append_at(self.supporters, project, len(self.ballots)),
            points=_append_at(self.points, project, self.point_unit),
            scores=tuple(score + votes * (c == project) for c, score in enumerate(self.scores)),
            voters=self.voters + votes,
            votes=tuple(before + votes * (c == project) for c, before in enumerate(self.votes)),
        )

    def tie_ranks(self) -> list[int]:
        """Return each project's rank among equals: more votes, then the lower cost, then the id."""
        ordered = sorted(
            range(len(self.projects)), key=lambda c: (-self.votes[c], self.costs[c], self.projects[c].id)
        )
        ranks = {c: rank for rank, c in enumerate(ordered)}
        return [ranks[c] for c in range(len(ordered))]

    def to_currency(self, amount: int | Fraction) -> Fraction:
        """Return an amount of the profile's money units in currency units."""
        return Fraction(amount) / self.money_unit

    def total_cost(self, projects: Iterable[int]) -> int:
        """Return the cost of these projects together, in the profile's money units."""
        return sum(self.costs[c] for c in projects)


def _append_at(columns: tuple[NDArray[Any], ...], index: int, value: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.append(column, value) if c == index else column for c, column in enumerate(columns))


def _merge_equal_ballots(ballots: Iterable[Ballot], known: Mapping[str, int]) -> tuple[Ballot, ...]:
    counts: dict[tuple[str, tuple[tuple[str, Fraction], ...]], int] = {}
    first: dict[tuple[str, tuple[tuple[str, Fraction], ...]], Ballot] = {}
    for ballot in ballots:
        if unknown := ballot.points.keys() - known.keys():
            raise ValueError(f"A ballot names project {sorted(unknown)[0]}, which is not in the election.")
        key = (ballot.community, tuple(sorted(ballot.points.items())))
        first.setdefault(key, ballot)
        counts[key] = counts.get(key, 0) + ballot.count
    return tuple(Ballot(first[key].points, key[0], count) for key, count in counts.items())


def _group_by_project(
    projects: Sequence[Project], ballots: Sequence[Ballot], index_of: Mapping[str, int], point_unit: int
) -> tuple[tuple[Fraction, ...], tuple[NDArray[np.intp], ...], tuple[Ints, ...]]:
    """Return each project's score, its supporting ballots and the points these give it."""
    supporters: list[list[int]] = [[] for _ in projects]
    points_given: list[list[int]] = [[] for _ in projects]
    scores = [0] * len(projects)
    for ballot_index, ballot in enumerate(ballots):
        for project, points in ballot.points.items():
            whole_points, column = int(points * point_unit), index_of[project]
            scores[column] += whole_points * ballot.count
            if whole_points > 0:
                supporters[column].append(ballot_index)
                points_given[column].append(whole_points)
    return (
        tuple(Fraction(score, point_unit) for score in scores),
        tuple(np.array(column, dtype=np.intp) for column in supporters),
        tuple(np.array(column, dtype=np.int64) for column in points_given),
    )
