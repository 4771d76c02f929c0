"""The selection of the actions that the ballots fund, in exact arithmetic, with its account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from uuid import UUID

from planning.budget.allocations.records import (
    AccountRecord,
    ActionVotesRecord,
    CommunityPaymentRecord,
    CommunityShareRecord,
    UnfundedActionRecord,
)
from planning.engines.allocation import Account, Ballot, ProgressCallback, Project, allocate

BALLOT_RULE = "equalshares/add1"
OVERRIDE_RULE = "greedy-custom"
"""The name that Pabulib gives to a selection that no rule made."""


@dataclass(frozen=True)
class Selection:
    """The actions selected, in the order of selection, their cost, and the account."""

    actions: tuple[UUID, ...]
    cost_minor: int
    account: AccountRecord


def select_by_ballots(
    costs: Mapping[UUID, int],
    ballots: Iterable[tuple[str, Iterable[UUID], int]],
    budget_minor: int,
    decimals: int,
    population: Mapping[str, int] | None = None,
    *,
    on_progress: ProgressCallback | None = None,
) -> Selection:
    """Select actions by Equal Shares with add1, in steps of one unit of the currency (not of its minor unit).

    `costs` and the budget are in minor units. A ballot is a community, its approvals, and the number of equal ballots.
    `on_progress` is called with the number of add1 rounds done.
    """
    minor_units = 10**decimals
    counted = [(community, list(map(str, approvals)), count) for community, approvals, count in ballots]
    allocation = allocate(
        [Project(str(action), Fraction(cost, minor_units)) for action, cost in costs.items()],
        [
            Ballot.approving(*approvals, community=community, count=count)
            for community, approvals, count in counted
        ],
        Fraction(budget_minor, minor_units),
        on_progress=on_progress,
    )
    votes = Counter[tuple[str, str]]()
    for community, approvals, count in counted:
        votes.update(dict.fromkeys(((action, community) for action in approvals), count))
    account = _account_record(
        allocation.endowment or Fraction(0), votes, allocation.account(population), minor_units
    )
    return Selection(tuple(map(UUID, allocation.selected)), int(allocation.cost * minor_units), account)


def _account_record(
    endowment: Fraction, votes: Mapping[tuple[str, str], int], account: Account, minor_units: int
) -> AccountRecord:
    """Return the account with the ballots of each community merged; amounts are exact, in minor units."""
    paid: dict[tuple[str, str], list[Fraction | int]] = {}
    for entry in account.entries:
        payment = paid.setdefault((entry.project, entry.community), [Fraction(0), 0])
        payment[0] += entry.amount
        payment[1] += entry.voters
    unfunded = account.first_unfunded
    return AccountRecord(
        endowment=str(endowment),
        votes=tuple(
            ActionVotesRecord(action_id=action, community=community, votes=count)
            for (action, community), count in sorted(votes.items())
        ),
        paid=tuple(
            CommunityPaymentRecord(
                action_id=action,
                community=community,
                paid_minor=int(amount * minor_units),
                voters=int(voters),
            )
            for (action, community), (amount, voters) in paid.items()
        ),
        communities=tuple(
            CommunityShareRecord(
                community=share.community,
                voters=share.voters,
                paid_minor=int(share.paid * minor_units),
                share_of_voters=float(share.share_of_voters),
                share_paid=float(share.share_paid),
                share_of_population=None
                if share.share_of_population is None
                else float(share.share_of_population),
            )
            for share in account.communities
        ),
        gini_of_voters=account.gini_of_voters,
        gini_of_communities=account.gini_of_communities,
        first_unfunded=None
        if unfunded is None
        else UnfundedActionRecord(
            action_id=unfunded.project,
            cost_minor=int(unfunded.cost * minor_units),
            missing_minor=ceil(unfunded.money * minor_units),
            votes=unfunded.votes,
        ),
    )
