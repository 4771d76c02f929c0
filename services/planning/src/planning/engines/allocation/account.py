"""Who paid how much for what, and how near the nearest unfunded project came.

Under equal shares voters truly pay, out of equal endowments. The greedy rules know no payments: there the
cost of each project is split evenly over its supporters (over all voters where nobody supports it), which
shows whose wishes the money followed; `basis` says which of the two an account is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, lcm

import numpy as np
from solidary.files.shares import largest_remainder

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.equal_shares import equal_shares
from planning.engines.allocation.exact import ExactPurses
from planning.engines.allocation.greedy import greedy, ranking
from planning.engines.allocation.utility import Utility

# So many voters no city has; beyond it the votes of a project that costs the whole budget are not sought.
MOST_VOTES = 2**40
MOST_LOOKED_AT = 5_000_000
"""Ballots, over all rounds of all counts anew: some five seconds of a core. Counted, not timed: the same everywhere."""


class Basis(StrEnum):
    paid = "paid"
    attributed = "attributed"


@dataclass(frozen=True)
class Entry:
    """What the voters of one ballot (an index into the profile's ballots) together gave for a project."""

    project: str
    ballot: int
    community: str
    voters: int
    amount: Fraction


@dataclass(frozen=True)
class CommunityShare:
    """A community's part of the voters, of what was paid and, where it is known, of the population."""

    community: str
    voters: int
    share_of_voters: Fraction
    paid: Fraction
    share_paid: Fraction
    share_of_population: Fraction | None = None


@dataclass(frozen=True)
class Shortfall:
    """How far a project was from being funded, all else as it was.

    `money` is what lacked of its cost. `votes` more would have carried it, each for this project alone, the
    budget being the same: the ballots counted anew with so many fund it. None where it costs more than the
    budget, or where no number was found.
    """

    project: str
    cost: Fraction
    money: Fraction
    votes: int | None


@dataclass(frozen=True)
class Account:
    """The entries sum to the cost of the funded projects exactly, in cents (or finer where costs are)."""

    basis: Basis
    entries: tuple[Entry, ...]
    communities: tuple[CommunityShare, ...]
    gini_of_voters: float
    gini_of_communities: float
    first_unfunded: Shortfall | None


def gini(amounts: Sequence[float], counts: Sequence[int]) -> float:
    """Gini coefficient of `amounts` per head, `counts` heads each; 0 when nothing was paid."""
    order = np.argsort(np.asarray(amounts))
    each, heads = np.asarray(amounts, dtype=float)[order], np.asarray(counts, dtype=float)[order]
    total = float((each * heads).sum())
    if total == 0:
        return 0.0
    above = heads.sum() - heads.cumsum() + heads / 2
    return max(0.0, float(1 - 2 * (each * heads * above).sum() / (total * heads.sum())))


def account_of_shares(
    profile: Profile,
    utility: Utility,
    bought: Sequence[int],
    endowment: Fraction,
    increment: Fraction | None,
    population: Mapping[str, int] | None = None,
    *,
    most: int = MOST_LOOKED_AT,
) -> Account:
    """The account of a run of equal shares, worked out exactly from its purchases.

    `increment` is that of add1, None without; `most` ballots are looked at in search of the votes that lacked.
    """
    purses = ExactPurses(profile, utility, endowment)
    entries: list[Entry] = []
    for project in bought:
        shares = purses.buy(project).shares
        who = profile.supporters[project]
        entries += _entries(profile, project, who.tolist(), (shares * profile.counts[who]).tolist())
    unfunded = _nearest(profile, purses, set(bought))
    if unfunded is not None:
        votes = _votes_that_carry(profile, utility, unfunded.project, increment, most)
        unfunded = replace(unfunded, votes=votes)
    return _account(Basis.paid, profile, entries, unfunded, population)


def account_of_greedy(
    profile: Profile,
    chosen: Sequence[int],
    *,
    threshold: Fraction | int | None,
    skip: bool,
    population: Mapping[str, int] | None = None,
) -> Account:
    """The account of a greedy rule: each cost split evenly over the project's supporters."""
    entries: list[Entry] = []
    everyone = list(range(len(profile.ballots)))
    for project in chosen:
        who = profile.supporters[project].tolist() or everyone
        entries += _entries(profile, project, who, profile.counts[who].tolist())
    unfunded = _next_in_line(profile, set(chosen), threshold, skip)
    return _account(Basis.attributed, profile, entries, unfunded, population)


def _entries(profile: Profile, project: int, who: list[int], weights: list[int]) -> Iterator[Entry]:
    if not profile.costs[project] or not sum(weights):
        return
    cent = lcm(100, profile.money_unit)
    amounts = largest_remainder(profile.costs[project] * (cent // profile.money_unit), weights)
    for ballot, amount in zip(who, amounts, strict=True):
        community, count = profile.ballots[ballot].community, profile.ballots[ballot].count
        yield Entry(profile.projects[project].id, ballot, community, count, Fraction(amount, cent))


def _account(
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
        gini_of_voters=gini(
            [float(sum_) / ballot.count for sum_, ballot in zip(by_ballot, profile.ballots, strict=True)],
            [ballot.count for ballot in profile.ballots],
        ),
        gini_of_communities=gini(
            [float(c.paid) / c.voters for c in communities], [c.voters for c in communities]
        ),
        first_unfunded=unfunded,
    )


def _nearest(profile: Profile, purses: ExactPurses, bought: set[int]) -> Shortfall | None:
    """Of the projects not bought, the one whose supporters came nearest to its cost."""
    lacking = {
        c: profile.costs[c] - purses.behind(c) for c in range(len(profile.projects)) if c not in bought
    }
    if not lacking:
        return None
    tie_order = profile.tie_order()
    nearest = min(lacking, key=lambda c: (lacking[c] / (profile.costs[c] or 1), tie_order[c]))
    named = profile.projects[nearest]
    return Shortfall(named.id, named.cost, profile.money(lacking[nearest]), votes=None)


class _Enough(Exception):
    """As many ballots were looked at as may be."""


def _votes_that_carry(
    profile: Profile, utility: Utility, name: str, increment: Fraction | None, most: int
) -> int | None:
    """A number of votes with which the project is bought, and with one less not, as far as `most` ballots allow.

    Every voter more makes all purses smaller, so the number is found by counting anew, doubling and halving.
    """
    project = next(c for c, each in enumerate(profile.projects) if each.id == name)
    if profile.costs[project] > profile.budget:
        return None

    looks = iter(range(most // len(profile.ballots)))

    def look(_: int = 0) -> None:
        if next(looks, None) is None:
            raise _Enough

    def carry(votes: int) -> bool:
        look()
        more = profile.with_votes(project, votes)
        again = Utility.of(more, utility.measure)
        return project in equal_shares(more, again, increment=increment, watch=look).bought

    few, tried, carried = 0, 1, _surely_carry(profile, project)
    try:
        while tried < (carried or MOST_VOTES):
            if carry(tried):
                carried = tried
            else:
                few, tried = tried, 2 * tried
        while carried is not None and carried - few > 1:
            half = (few + carried) // 2
            few, carried = (few, half) if carry(half) else (half, carried)
    except _Enough:
        pass
    return carried


def _surely_carry(profile: Profile, project: int) -> int | None:
    """How many newcomers pay the project by themselves out of their part of the budget, as nobody else asks them."""
    cost, rest = profile.costs[project], profile.budget - profile.costs[project]
    if not rest:
        return None if profile.voters else 1
    enough = max(1, -(-cost * profile.voters // rest))
    return enough if enough < MOST_VOTES else None


def _next_in_line(
    profile: Profile, chosen: set[int], threshold: Fraction | int | None, skip: bool
) -> Shortfall | None:
    """The highest scoring project that was not chosen."""
    order = ranking(profile)
    unfunded = next((c for c in order if c not in chosen), None)
    if unfunded is None:
        return None
    left = profile.budget - profile.total(c for c in order[: order.index(unfunded)] if c in chosen)
    score = profile.scores[unfunded]
    rivals = {profile.scores[c] + more for c in order for more in (0, 1)} | {Fraction(threshold or 0)}
    carried = next(
        (
            enough
            for enough in sorted(rivals)
            if enough > score
            and unfunded in greedy(_with_score(profile, unfunded, enough), threshold=threshold, skip=skip)
        ),
        None,
    )
    return Shortfall(
        project=profile.projects[unfunded].id,
        cost=profile.projects[unfunded].cost,
        money=profile.money(max(0, profile.costs[unfunded] - left)),
        votes=None if carried is None else ceil(carried - score),
    )


def _with_score(profile: Profile, project: int, score: Fraction) -> Profile:
    """The profile as if more voters had approved the project, or had given it more points."""
    scores, votes = list(profile.scores), list(profile.votes)
    if scores[project] == votes[project]:
        votes[project] = int(score)
    scores[project] = score
    return replace(profile, scores=tuple(scores), votes=tuple(votes))
