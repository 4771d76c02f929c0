"""One call from ballots to the funded projects: `allocate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from planning.engines.allocation.account import Account, account_of_greedy, account_of_shares
from planning.engines.allocation.ballots import Ballot, Profile, Project
from planning.engines.allocation.equal_shares import Watch, equal_shares
from planning.engines.allocation.greedy import greedy
from planning.engines.allocation.utility import Measure, Utility


class Rule(StrEnum):
    """The rules, by their Pabulib names."""

    equalshares = "equalshares"
    greedy = "greedy"
    greedy_threshold = "greedy-threshold"
    greedy_no_skip = "greedy-no-skip"


class Completion(StrEnum):
    """What follows equal shares when money is left: one more unit per voter at a time, or nothing."""

    add1 = "add1"
    none = "none"


@dataclass(frozen=True)
class Allocation:
    """What a rule chose, with all that an account of it needs.

    `selected` are project ids in the order of choice; money is in currency units. `endowment` is what each
    voter started with in the round that counted (None for the greedy rules, which know none); `increment` what
    a round of add1 adds (None without add1).
    """

    rule: Rule
    completion: Completion
    selected: tuple[str, ...]
    cost: Fraction
    budget: Fraction
    endowment: Fraction | None
    increment: Fraction | None
    threshold: Fraction | None
    profile: Profile
    utility: Utility

    def account(self, population: Mapping[str, int] | None = None) -> Account:
        """Who paid how much for what; with `population` (heads per community) also their share of it.

        Under equal shares the ballots are counted again and again to find the votes that the nearest unfunded
        project lacked, within bounds (docs/using/allocation.md).
        """
        place = {project.id: index for index, project in enumerate(self.profile.projects)}
        chosen = [place[project] for project in self.selected]
        if self.endowment is not None:
            start = self.endowment * self.profile.money_unit
            return account_of_shares(self.profile, self.utility, chosen, start, self.increment, population)
        skip = self.rule is not Rule.greedy_no_skip
        return account_of_greedy(
            self.profile, chosen, threshold=self.threshold, skip=skip, population=population
        )


def allocate(
    projects: Iterable[Project],
    ballots: Iterable[Ballot],
    budget: Fraction | int,
    rule: Rule = Rule.equalshares,
    *,
    completion: Completion = Completion.add1,
    utility: Measure = Measure.cost,
    increment: Fraction | int = 1,
    threshold: Fraction | int | None = None,
    watch: Watch | None = None,
) -> Allocation:
    """Which projects the ballots fund within the budget.

    Sources: equal shares, Peters, Pierczyński, Skowron, "Proportional Participatory Budgeting with Additive
    Utilities" (2021); add1, equalshares.net; the greedy family, Pabulib's rule names. `completion`,
    `utility` and `increment` (currency units per voter and round) concern equal shares only; `threshold`
    (the least score) concerns greedy-threshold, which needs it, and greedy-no-skip. `watch` hears the
    number of each add1 round. Raises ValueError where the arguments contradict themselves.
    """
    profile = Profile.of(projects, ballots, budget)
    measured = Utility.of(profile, utility)
    endowment, step, least = None, None, None
    if rule is Rule.equalshares:
        step = Fraction(increment) if completion is Completion.add1 else None
        shares = equal_shares(profile, measured, increment=step, watch=watch)
        chosen, endowment = shares.bought, profile.money(shares.endowment)
    else:
        if rule is Rule.greedy_threshold and threshold is None:
            raise ValueError("greedy-threshold needs a threshold")
        if rule is not Rule.greedy and threshold is not None:
            least = Fraction(threshold)
        chosen = greedy(profile, threshold=least, skip=rule is not Rule.greedy_no_skip)
    return Allocation(
        rule=rule,
        completion=completion if rule is Rule.equalshares else Completion.none,
        selected=tuple(profile.projects[c].id for c in chosen),
        cost=profile.money(profile.total(chosen)),
        budget=Fraction(budget),
        endowment=endowment,
        increment=step,
        threshold=least,
        profile=profile,
        utility=measured,
    )
