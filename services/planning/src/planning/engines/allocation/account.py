"""An account of an allocation: the payments per project and ballot, and how far the first unfunded project was.

Under equal shares voters pay out of equal endowments. The greedy rules have no payments: there the cost of each
project is divided evenly among its supporters (among all voters where nobody supports it), which shows whose wishes
the money followed. `basis` states which of the two an account is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, lcm

import numpy as np
from solidary.files.apportionment import largest_remainder

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.equal_shares import equal_shares
from planning.engines.allocation.exact_budgets import ExactVoterBudgets
from planning.engines.allocation.greedy import greedy, rank_projects
from planning.engines.allocation.utility import Utility

MAX_ADDITIONAL_VOTES = 2**40
"""The limit of the search for the votes of a project that costs the whole budget: more voters than any city has."""
MAX_BALLOTS_RECOUNTED = 5_000_000
"""The limit of ballots over all rounds of all recounts, about five seconds of a core.

Ballots are limited instead of seconds so that the result is the same on every machine.
"""


class Basis(StrEnum):
    """The basis of an account: payments that the rule made, or costs divided among supporters afterwards."""

    PAID = "paid"
    ATTRIBUTED = "attributed"


@dataclass(frozen=True)
class Entry:
    """The money that the voters of one ballot (an index into the profile's ballots) together gave for a project."""

    project: str
    ballot: int
    community: str
    voters: int
    amount: Fraction


@dataclass(frozen=True)
class CommunityShare:
    """A community's share of the voters, of the money paid and, where it is known, of the population."""

    community: str
    voters: int
    share_of_voters: Fraction
    paid: Fraction
    share_paid: Fraction
    share_of_population: Fraction | None = None


@dataclass(frozen=True)
class Shortfall:
    """The distance of a project from being funded, all else being equal.

    `money` is the part of its cost that was missing. `votes` is a number of additional voters, each for this project
    alone, with whom a recount on the same budget funds it; None where the project costs more than the budget, or
    where no number was found.
    """

    project: str
    cost: Fraction
    money: Fraction
    votes: int | None


@dataclass(frozen=True)
class Account:
    """An account of an allocation.

    The entries sum to the cost of the funded projects exactly, in cents (or finer where costs are finer).
    """

    basis: Basis
    entries: tuple[Entry, ...]
    communities: tuple[CommunityShare, ...]
    gini_of_voters: float
    gini_of_communities: float
    first_unfunded: Shortfall | None


def gini_coefficient(amounts: Sequence[float], counts: Sequence[int]) -> float:
    """Return the Gini coefficient of `amounts` per head, `counts` heads each; 0 where nothing was paid."""
    order = np.argsort(np.asarray(amounts))
    each, heads = np.asarray(amounts, dtype=float)[order], np.asarray(counts, dtype=float)[order]
    total = float((each * heads).sum())
    if total == 0:
        return 0.0
    above = heads.sum() - heads.cumsum() + heads / 2
    return max(0.0, float(1 - 2 * (each * heads * above).sum() / (total * heads.sum())))


def account_for_equal_shares(
    profile: Profile,
    utility: Utility,
    bought: Sequence[int],
    endowment: Fraction,
    increment: Fraction | None,
    population: Mapping[str, int] | None = None,
    *,
    max_ballots: int = MAX_BALLOTS_RECOUNTED,
) -> Account:
    """Return the account of a run of equal shares, computed exactly from its purchases.

    `increment` is that of add1, None without add1. The search for the missing votes recounts at most `max_ballots`.
    """
    budgets = ExactVoterBudgets(profile, utility, endowment)
    entries: list[Entry] = []
    for project in bought:
        shares = budgets.buy(project).shares
        supporters = profile.supporters[project]
        weights = (shares * profile.counts[supporters]).tolist()
        entries += _divide_cost(profile, project, supporters.tolist(), weights)
    unfunded = _nearest_unfunded(profile, budgets, set(bought))
    if unfunded is not None:
        votes = _missing_votes(profile, utility, unfunded.project, increment, max_ballots)
        unfunded = replace(unfunded, votes=votes)
    return _summarise(Basis.PAID, profile, entries, unfunded, population)


def account_for_greedy(
    profile: Profile,
    chosen: Sequence[int],
    *,
    threshold: Fraction | int | None,
    skip: bool,
    population: Mapping[str, int] | None = None,
) -> Account:
    """Return the account of a greedy rule: each cost divided evenly among the project's supporters."""
    entries: list[Entry] = []
    all_ballots = list(range(len(profile.ballots)))
    for project in chosen:
        supporters = profile.supporters[project].tolist() or all_ballots
        entries += _divide_cost(profile, project, supporters, profile.counts[supporters].tolist())
    unfunded = _highest_unfunded(profile, set(chosen), threshold, skip)
    return _summarise(Basis.ATTRIBUTED, profile, entries, unfunded, population)


def _divide_cost(profile: Profile, project: int, ballots: list[int], weights: list[int]) -> Iterator[Entry]:
    if not profile.costs[project] or not sum(weights):
        return
    cent = lcm(100, profile.money_unit)
    amounts = largest_remainder(profile.costs[project] * (cent // profile.money_unit), weights)
    for ballot, amount in zip(ballots, amounts, strict=True):
        community, count = profile.ballots[ballot].community, profile.ballots[ballot].count
        yield Entry(profile.projects[project].id, ballot, community, count, Fraction(amount, cent))


def _summarise(
    basis: Basis,
    profile: Profile,
    entries: list[Entry],
    unfunded: Shortfall | None,
    population: Mapping[str, int] | None,
) -> Account:
    voters: dict[str, int] = {}
    for ballot in profile.ballots:
        voters[ballot.community] = voters.get(ballot.community, 0) + ballot.count
    paid = dict.fromkeys(voters, Fraction(0))
    by_ballot = [Fraction(0)] * len(profile.ballots)
    for entry in entries:
        paid[entry.community] += entry.amount
        by_ballot[entry.ballot] += entry.amount
    total, people = sum(paid.values(), Fraction(0)), sum((population or {}).values())
    communities = tuple(
        CommunityShare(
            community=community,
            voters=count,
            share_of_voters=Fraction(count, profile.voters),
            paid=paid[community],
            share_paid=paid[community] / total if total else Fraction(0),
            share_of_population=Fraction(population[community], people)
            if population and community in population
            else None,
        )
        for community, count in sorted(voters.items())
    )
    return Account(
        basis=basis,
        entries=tuple(entries),
        communities=communities,
        gini_of_voters=gini_coefficient(
            [float(sum_) / ballot.count for sum_, ballot in zip(by_ballot, profile.ballots, strict=True)],
            [ballot.count for ballot in profile.ballots],
        ),
        gini_of_communities=gini_coefficient(
            [float(c.paid) / c.voters for c in communities], [c.voters for c in communities]
        ),
        first_unfunded=unfunded,
    )


def _nearest_unfunded(profile: Profile, budgets: ExactVoterBudgets, bought: set[int]) -> Shortfall | None:
    """Return the project, of those not bought, whose supporters came nearest to its cost."""
    missing = {
        c: profile.costs[c] - budgets.money_of_supporters(c)
        for c in range(len(profile.projects))
        if c not in bought
    }
    if not missing:
        return None
    tie_ranks = profile.tie_ranks()
    nearest = min(missing, key=lambda c: (missing[c] / (profile.costs[c] or 1), tie_ranks[c]))
    project = profile.projects[nearest]
    return Shortfall(project.id, project.cost, profile.to_currency(missing[nearest]), votes=None)


class _LimitReached(Exception):
    """The limit of recounted ballots is reached."""


def _missing_votes(
    profile: Profile, utility: Utility, project_id: str, increment: Fraction | None, max_ballots: int
) -> int | None:
    """Return a number of votes with which the project is bought, and with one less not, if `max_ballots` suffice.

    Every additional voter makes all budgets smaller, so the number is found by recounting, doubling and halving.
    """
    project = next(c for c, each in enumerate(profile.projects) if each.id == project_id)
    if profile.costs[project] > profile.budget:
        return None

    rounds = iter(range(max_ballots // len(profile.ballots)))

    def count_round(_: int = 0) -> None:
        if next(rounds, None) is None:
            raise _LimitReached

    def is_funded_with(votes: int) -> bool:
        count_round()
        enlarged = profile.with_votes(project, votes)
        utilities = Utility.from_profile(enlarged, utility.measure)
        outcome = equal_shares(enlarged, utilities, increment=increment, on_progress=count_round)
        return project in outcome.bought

    too_few, tried, enough = 0, 1, _sufficient_votes(profile, project)
    try:
        while tried < (enough or MAX_ADDITIONAL_VOTES):
            if is_funded_with(tried):
                enough = tried
            else:
                too_few, tried = tried, 2 * tried
        while enough is not None and enough - too_few > 1:
            half = (too_few + enough) // 2
            too_few, enough = (too_few, half) if is_funded_with(half) else (half, enough)
    except _LimitReached:
        pass
    return enough


def _sufficient_votes(profile: Profile, project: int) -> int | None:
    """Return how many additional voters certainly pay for the project alone, out of their part of the budget."""
    cost, rest = profile.costs[project], profile.budget - profile.costs[project]
    if not rest:
        return None if profile.voters else 1
    enough = max(1, -(-cost * profile.voters // rest))
    return enough if enough < MAX_ADDITIONAL_VOTES else None


def _highest_unfunded(
    profile: Profile, chosen: set[int], threshold: Fraction | int | None, skip: bool
) -> Shortfall | None:
    """Return the project with the highest score that was not chosen."""
    order = rank_projects(profile)
    unfunded = next((c for c in order if c not in chosen), None)
    if unfunded is None:
        return None
    spent_before = profile.total_cost(c for c in order[: order.index(unfunded)] if c in chosen)
    remaining = profile.budget - spent_before
    score = profile.scores[unfunded]
    scores_to_try = {profile.scores[c] + more for c in order for more in (0, 1)} | {Fraction(threshold or 0)}
    enough = next(
        (
            tried
            for tried in sorted(scores_to_try)
            if tried > score
            and unfunded in greedy(_with_score(profile, unfunded, tried), threshold=threshold, skip=skip)
        ),
        None,
    )
    return Shortfall(
        project=profile.projects[unfunded].id,
        cost=profile.projects[unfunded].cost,
        money=profile.to_currency(max(0, profile.costs[unfunded] - remaining)),
        votes=None if enough is None else ceil(enough - score),
    )


def _with_score(profile: Profile, project: int, score: Fraction) -> Profile:
    """Return the profile as if more voters had approved the project, or had given it more points."""
    scores, votes = list(profile.scores), list(profile.votes)
    if scores[project] == votes[project]:
        votes[project] = int(score)
    scores[project] = score
    return replace(profile, scores=tuple(scores), votes=tuple(votes))
