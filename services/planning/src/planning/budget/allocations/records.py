"""The account of an allocation as it is stored."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class ActionVotesRecord(Record):
    """The number of voters of a community who approved an action, whether it was selected or not."""

    action_id: str
    community: str
    votes: int


class CommunityPaymentRecord(Record):
    """The money that the voters of a community together paid for an action."""

    action_id: str
    community: str
    paid_minor: int
    voters: int


class CommunityShareRecord(Record):
    """A community's share of the voters, of the money paid and, where it is known, of the population."""

    community: str
    voters: int
    paid_minor: int
    share_of_voters: float
    share_paid: float
    share_of_population: float | None


class UnfundedActionRecord(Record):
    """The action that came nearest to being funded, and what it was missing."""

    action_id: str
    cost_minor: int
    missing_minor: int
    votes: int | None


class AccountRecord(Record):
    """The account of an allocation by ballots. The payments sum to the cost exactly."""

    version: Literal[1] = 1
    endowment: str
    """The initial budget of each voter in units of the currency, as an exact fraction."""
    votes: tuple[ActionVotesRecord, ...]
    paid: tuple[CommunityPaymentRecord, ...]
    communities: tuple[CommunityShareRecord, ...]
    gini_of_voters: float
    gini_of_communities: float
    first_unfunded: UnfundedActionRecord | None
