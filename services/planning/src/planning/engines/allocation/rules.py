"""The allocation of a budget by a rule, from ballots to funded projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from planning.engines.allocation.account import Account, account_for_equal_shares, account_for_greedy
from planning.engines.allocation.ballots import Ballot, Profile, Project
from planning.engines.allocation.equal_shares import ProgressCallback, equal_shares
from planning.engines.allocation.greedy import greedy
from planning.engines.allocation.utility import Measure, Utility


class Rule(StrEnum):
    """An allocation rule, by its Pabulib name."""

    EQUAL_SHARES = "equalshares"
    GREEDY = "greedy"
    GREEDY_THRESHOLD = "greedy-threshold"
    GREEDY_NO_SKIP = "greedy-no-skip"


class Completion(StrEnum):
    """The completion of equal shares where money is left: one more unit per voter at a time, or none."""

    ADD1 = "add1"
    NONE = "none"


@dataclass(frozen=True)
class Allocation:
    """The outcome of a rule, with all that an account of it needs.

    `selected` are project ids in the order of choice; money is in currency units. `endowment` is the initial budget of
    each voter in the round that was kept (None for the greedy rules, which have none); `increment` is the amount that a
    round of add1 adds (None without add1).
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
        """Return the payments per project and ballot; with `population` (heads per community) also its shares.

        Under equal shares the ballots are recounted, up to a limit, to find the votes that the nearest unfunded
        project was missing (docs/using/allocation.md).
        """
        index_of = {project.id: index for index, project in enumerate(self.profile.projects)}
        chosen = [index_of[project] for project in self.selected]
        if self.endowment is not None:
            start = self.endowment * self.profile.money_unit
            return account_for_equal_shares(
                self.profile, self.utility, chosen, start, self.increment, population
            )
        skip = self.rule is not Rule.GREEDY_NO_SKIP
        return account_for_greedy(
            self.profile, chosen, threshold=self.threshold, skip=skip, population=population
        )


def allocate(
    projects: Iterable[Project],
    ballots: Iterable[Ballot],
    budget: Fraction | int,
    rule: Rule = Rule.EQUAL_SHARES,
    *,
    completion: Completion = Completion.ADD1,
    utility: Measure = Measure.COST,
    increment: Fraction | int = 1,
    threshold: Fraction | int | None = None,
    on_progress: ProgressCallback | None = None,
) -> Allocation:
    """Choose the projects that the ballots fund within the budget.

    Sources: equal shares, Peters, Pierczyński, Skowron, "Proportional Participatory Budgeting with Additive
    Utilities" (2021); add1, equalshares.net; the greedy family, Pabulib's rule names. `completion`, `utility` and
    `increment` (currency units per voter and round) apply to equal shares only; `threshold` (the least score) applies
    to greedy-threshold, which requires it, and to greedy-no-skip. `on_progress` is called with the number of add1
    rounds done. Raises ValueError where the arguments contradict each other.
    """
    profile = Profile.from_ballots(projects, ballots, budget)
    utilities = Utility.from_profile(profile, utility)
    endowment, step, least_score = None, None, None
    if rule is Rule.EQUAL_SHARES:
        step = Fraction(increment) if completion is Completion.ADD1 else None
        shares = equal_shares(profile, utilities, increment=step, on_progress=on_progress)
        chosen, endowment = shares.bought, profile.to_currency(shares.endowment)
    else:
        if rule is Rule.GREEDY_THRESHOLD and threshold is None:
            raise ValueError("The rule greedy-threshold needs a threshold.")
        if rule is not Rule.GREEDY and threshold is not None:
            least_score = Fraction(threshold)
        chosen = greedy(profile, threshold=least_score, skip=rule is not Rule.GREEDY_NO_SKIP)
    return Allocation(
        rule=rule,
        completion=completion if rule is Rule.EQUAL_SHARES else Completion.NONE,
        selected=tuple(profile.projects[c].id for c in chosen),
        cost=profile.to_currency(profile.total_cost(chosen)),
        budget=Fraction(budget),
        endowment=endowment,
        increment=step,
        threshold=least_score,
        profile=profile,
        utility=utilities,
    )
