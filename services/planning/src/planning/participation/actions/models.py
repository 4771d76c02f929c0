"""The action as an entity."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import ARRAY, Select, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.actions.rules import ACTION_TRANSITIONS, ActionActor, ActionState


class Action(AgencyEntity):
    """An action that the plan may contain."""

    __tablename__ = "action"

    title: Mapped[str]
    perspective: Mapped[str]
    needs: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    cost_minor: Mapped[money | None]
    costs_published: Mapped[bool] = mapped_column(default=False)
    """True once the cost is published, after which it cannot change."""
    state: Mapped[str] = mapped_column(default=ActionState.PROPOSED)
    reason: Mapped[str | None]
    """The reason for which the action is not feasible, which is published."""
    derived_from: Mapped[UUID | None]
    """The plan line of a market assessment that proposed the action."""
    proposed_by: Mapped[UUID | None]
    """The agency whose market assessment proposed the action."""

    @property
    def location(self) -> str:
        """The path of this action, as a `Location` header gives it."""
        return f"/actions/{self.id}"

    @property
    def is_feasible(self) -> bool:
        """True for an action that was judged feasible and is not decided yet."""
        return self.state == ActionState.FEASIBLE

    def judge(self, *, feasible: bool, reason: str | None) -> None:
        """Record whether the action is feasible. Raises TransitionNotAllowed."""
        self._take("judge feasible" if feasible else "judge not feasible", ActionActor.PLANNER)
        self.reason = reason

    def accept(self) -> None:
        """Record that the validated plan contains the action. Raises TransitionNotAllowed."""
        self._take("accept", ActionActor.GOVERNMENT)

    def leave_unfunded(self) -> None:
        """Record that the validated plan does not contain the action. Raises TransitionNotAllowed."""
        self._take("leave unfunded", ActionActor.GOVERNMENT)

    def reopen(self) -> None:
        """Make the action a proposal again, with a cost that can change. Raises TransitionNotAllowed."""
        self._take("reopen", ActionActor.PLANNER)
        self.costs_published, self.reason = False, None

    def _take(self, step: str, actor: ActionActor) -> None:
        self.state = ACTION_TRANSITIONS.apply(ActionState(self.state), step, {actor})


def actions_of(plan_id: UUID) -> Select[Action]:
    """Return the query of a plan's actions, in the order in which they were proposed."""
    return select(Action).where(Action.root == plan_id).order_by(Action.created, Action.id)
