"""The plan as an entity. Its rows belong to the owner; other agencies work on it through a share."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from solidary.platform.database import Aggregate, RecordColumn, Updated, money
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.plans.records import DiagnosisRecord
from planning.participation.plans.rules import PLAN_TRANSITIONS, PlanActor, PlanState
from planning.problems import PlanInAnotherState


class Plan(Updated, Aggregate):
    """A plan for one Territorial Intervention Unit."""

    __tablename__ = "plan"
    __location__ = "/plans/{id}"

    title: Mapped[str]
    tiu_id: Mapped[UUID]
    currency: Mapped[str]
    decimals: Mapped[int]
    """The number of decimals of the currency's minor unit: 2 for cents."""
    budget_minor: Mapped[money]
    state: Mapped[str] = mapped_column(default=PlanState.DRAFT)
    round: Mapped[int] = mapped_column(default=0)
    """The number of the round of ballots, from 1; a returned plan has another one."""
    selected_actions: Mapped[int] = mapped_column(default=0)
    """The number of actions that the latest allocation of this round selected."""
    diagnosis: Mapped[DiagnosisRecord | None] = mapped_column(RecordColumn(DiagnosisRecord))
    act_number: Mapped[str | None]
    reason: Mapped[str | None]
    """The reason for which the government returned the plan."""

    def advance(self, to: PlanState) -> None:
        """Take a planner's step to a state. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state = PLAN_TRANSITIONS.move(PlanState(self.state), to, {PlanActor.PLANNER})
        if to is PlanState.BALLOTING:
            self.round, self.selected_actions = self.round + 1, 0

    def require_reviewed_ballots(self) -> None:
        """Raise TransitionNotAllowed unless the budget can be allocated by the ballots now."""
        PLAN_TRANSITIONS.apply(PlanState(self.state), "allocate", {PlanActor.ALLOCATION})

    def allocate(self, round: int, selected: int) -> None:
        """Record that the ballots of a round selected a number of actions.

        Raises TransitionNotAllowed, and PlanInAnotherState where the plan is in another round.
        """
        self.state = PLAN_TRANSITIONS.apply(PlanState(self.state), "allocate", {PlanActor.ALLOCATION})
        if round != self.round:
            raise PlanInAnotherState(
                f"These are the ballots of round {round}, but the plan is in round {self.round}. "
                "Allocate the budget again."
            )
        self.selected_actions = selected

    def validate(self, agency: UUID, act_number: str) -> None:
        """Validate the plan by an act. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state = PLAN_TRANSITIONS.apply(PlanState(self.state), "validate", self._authorities(agency))
        self.act_number, self.reason = act_number, None

    def return_to_planners(self, agency: UUID, reason: str) -> None:
        """Return the plan with a reason. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state = PLAN_TRANSITIONS.apply(PlanState(self.state), "return", self._authorities(agency))
        self.reason = reason

    def require_state(self, states: Collection[PlanState], request: str) -> None:
        """Raise PlanInAnotherState unless the plan is in one of these states.

        `request` is the beginning of the sentence, such as «Needs can be recorded».
        """
        if PlanState(self.state) not in states:
            named = " or ".join(f"«{state}»" for state in PlanState if state in states)
            raise PlanInAnotherState(f"{request} only in the state {named}. This plan is in «{self.state}».")

    def _authorities(self, agency: UUID) -> Collection[PlanActor]:
        return {PlanActor.GOVERNMENT} if agency == self.agency else ()
