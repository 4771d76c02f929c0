"""The winners of an election by pabutools 1.2.3, for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pabutools.election import (
    Additive_Cardinal_Sat,
    ApprovalBallot,
    ApprovalProfile,
    CardinalBallot,
    Cardinality_Sat,
    CardinalProfile,
    Cost_Sat,
    Instance,
)
from pabutools.election import Project as PabuProject
from pabutools.fractions import frac
from pabutools.rules import exhaustion_by_budget_increase, greedy_utilitarian_welfare, method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule
from planning.engines.allocation import Ballot, Measure, Project

SATISFACTION = {
    Measure.COST: Cost_Sat,
    Measure.CARDINALITY: Cardinality_Sat,
    Measure.SCORE: Additive_Cardinal_Sat,
}


@dataclass(frozen=True)
class Case:
    """A small election."""

    projects: Sequence[Project]
    ballots: Sequence[Ballot]
    budget: int


def _as_pabutools(case: Case, approval: bool) -> tuple[Instance, ApprovalProfile | CardinalProfile]:
    known = {p.id: PabuProject(p.id, frac(p.cost.numerator, p.cost.denominator)) for p in case.projects}
    instance = Instance(known.values(), budget_limit=frac(case.budget))
    singles = [ballot.points for ballot in case.ballots for _ in range(ballot.count)]
    if approval:
        return instance, ApprovalProfile([ApprovalBallot(known[p] for p in points) for points in singles])
    return instance, CardinalProfile(
        [
            CardinalBallot(
                {known[p]: frac(value.numerator, value.denominator) for p, value in points.items()}
            )
            for points in singles
        ]
    )


def _tie_breaking(case: Case) -> TieBreakingRule:
    votes: dict[str, int] = {}
    for ballot in case.ballots:
        for project in ballot.points:
            votes[project] = votes.get(project, 0) + ballot.count
    return TieBreakingRule(lambda _i, _p, project: (-votes.get(project.name, 0), project.cost, project.name))


def equal_shares(case: Case, measure: Measure, add1: bool) -> frozenset[str]:
    """Return the winners of equal shares; with add1 it never stops early (`exhaustive_stop=False`)."""
    instance, profile = _as_pabutools(case, approval=measure is not Measure.SCORE)
    options = {"sat_class": SATISFACTION[measure], "tie_breaking": _tie_breaking(case)}
    if not add1:
        return frozenset(p.name for p in method_of_equal_shares(instance, profile, **options))
    outcome = exhaustion_by_budget_increase(
        instance,
        profile,
        method_of_equal_shares,
        options,
        exhaustive_stop=False,
        budget_step=frac(profile.num_ballots()),
        budget_bound=frac(case.budget + profile.num_ballots() * (int(sum_of_costs(case)) + 2)),
    )
    return frozenset(p.name for p in outcome)


def sum_of_costs(case: Case) -> Fraction:
    return sum((project.cost for project in case.projects), Fraction(0))


def greedy(case: Case) -> frozenset[str]:
    """Return the winners by satisfaction per cost: with cost as the satisfaction, this is greedy by votes."""
    instance, profile = _as_pabutools(case, approval=True)
    outcome = greedy_utilitarian_welfare(
        instance, profile, sat_class=Cost_Sat, tie_breaking=_tie_breaking(case)
    )
    return frozenset(p.name for p in outcome)
