"""A plan and its needs. All rows belong to the plan's owner; who works on it does so by a share."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from solidary.language.problems import NotAllowed
from solidary.platform.database import AgencyEntity, Published, money, timestamp
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.plans import rules
from planning.participation.plans.rules import Standing, State


class Plan(AgencyEntity):
    """A plan for one unit of intervention. `decimals`: minor units of its currency, as a power of ten."""

    __tablename__ = "plan"

    title: Mapped[str]
    tiu_id: Mapped[UUID]
    currency: Mapped[str]
    decimals: Mapped[int]
    budget_minor: Mapped[money]
    state: Mapped[str]
    round: Mapped[int] = mapped_column(default=0)
    """Which round of ballots it is in, from 1; a returned plan has another."""
    cards: Mapped[int] = mapped_column(default=0)
    """Ballot cards given out in this round."""
    diagnosis: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    act_number: Mapped[str | None]
    reason: Mapped[str | None]

    def advance(self, to: State, standing: Standing) -> None:
        self.state = rules.advance(State(self.state), to, standing)
        if to is State.BALLOTING:
            self.round, self.cards = self.round + 1, 0

    def require_reviewed(self) -> None:
        rules.follow(State(self.state), State.ALLOCATED)

    def allocate(self, round: int) -> None:
        """By the ballots of this round. Raises NotAllowed where they are not reviewed, or another round is."""
        self.state = rules.follow(State(self.state), State.ALLOCATED)
        if round != self.round:
            raise NotAllowed(f"these are the ballots of round {round}; the plan is in round {self.round}")

    def validate(self, by: UUID, act_number: str) -> None:
        self.state = rules.decide(State(self.state), State.VALIDATED, by_owner=by == self.agency)
        self.act_number, self.reason = act_number, None

    def send_back(self, by: UUID, reason: str) -> None:
        self.state = rules.decide(State(self.state), State.RETURNED, by_owner=by == self.agency)
        self.reason = reason

    def require(self, states: frozenset[State], what: str) -> None:
        rules.require(State(self.state), states, what)


class Need(AgencyEntity):
    """What a community raised, seen from one perspective, with the evidence for it."""

    __tablename__ = "need"

    perspective: Mapped[str]
    community: Mapped[str]
    statement: Mapped[str]
    severity: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PublishedPlan(Published):
    """What everybody may know of a plan: written anew at each step that concerns the public."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str]
    unit: Mapped[str]
    area: Mapped[str]
    state: Mapped[str]
    diagnosis: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    act_number: Mapped[str | None]
    updated: Mapped[timestamp]
