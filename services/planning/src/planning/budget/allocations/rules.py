"""From ballots to the actions that are paid for, in exact arithmetic, with the account of who paid for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

from planning.engines.allocation import Account, Ballot, ProgressCallback, Project, allocate

RULE = "equalshares/add1"
CUSTOM = "greedy-custom"
"""How Pabulib names a choice that no rule made."""


@dataclass(frozen=True)
class Choice:
    """The actions chosen, in the order of choice, what they cost, and the account in plain values."""

    selected: tuple[UUID, ...]
    cost_minor: int
    account: dict[str, Any]


def choose(
    costs: Mapping[UUID, int],
    ballots: Iterable[tuple[str, Iterable[UUID], int]],
    budget_minor: int,
    decimals: int,
    population: Mapping[str, int] | None = None,
    *,
    on_progress: ProgressCallback | None = None,
) -> Choice:
    """Equal Shares with add1, by steps of one unit of the currency (not of its minor unit).

    `costs` and the budget are in minor units; a ballot is a community, its approvals and how many say so.
    `watch` hears how many rounds of add1 are done.
    """
    unit = 10**decimals
    said = [(community, list(map(str, approvals)), count) for community, approvals, count in ballots]
    allocation = allocate(
        [Project(str(action), Fraction(cost, unit)) for action, cost in costs.items()],
        [
            Ballot.approving(*approvals, community=community, count=count)
            for community, approvals, count in said
        ],
        Fraction(budget_minor, unit),
        on_progress=on_progress,
    )
    endowment = allocation.endowment or Fraction(0)
    votes = Counter[tuple[str, str]]()
    for community, approvals, count in said:
        votes.update(dict.fromkeys(((action, community) for action in approvals), count))
    account = {
        "endowment": str(endowment),
        "votes": [
            {"action_id": action, "community": community, "votes": count}
            for (action, community), count in sorted(votes.items())
        ],
        **_told(allocation.account(population), unit),
    }
    return Choice(tuple(map(UUID, allocation.selected)), int(allocation.cost * unit), account)


def _told(account: Account, unit: int) -> dict[str, Any]:
    """The account with the ballots of each community together; amounts in minor units, exact."""
    paid: dict[tuple[str, str], list[Fraction | int]] = {}
    for entry in account.entries:
        line = paid.setdefault((entry.project, entry.community), [Fraction(0), 0])
        line[0] += entry.amount
        line[1] += entry.voters
    short = account.first_unfunded
    return {
        "paid": [
            {"action_id": action, "community": community, "paid_minor": int(amount * unit), "voters": voters}
            for (action, community), (amount, voters) in paid.items()
        ],
        "communities": [
            {
                "community": share.community,
                "voters": share.voters,
                "paid_minor": int(share.paid * unit),
                "share_of_voters": float(share.share_of_voters),
                "share_paid": float(share.share_paid),
                "share_of_population": None
                if share.share_of_population is None
                else float(share.share_of_population),
            }
            for share in account.communities
        ],
        "gini_of_voters": account.gini_of_voters,
        "gini_of_communities": account.gini_of_communities,
        "first_unfunded": short
        and {
            "action_id": short.project,
            "cost_minor": int(short.cost * unit),
            "lacking_minor": ceil(short.money * unit),
            "votes": short.votes,
        },
    }
