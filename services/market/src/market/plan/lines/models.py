"""The plan line as an entity."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Aggregate, Updated, money
from sqlalchemy.orm import Mapped

from market.plan.lines import rules
from market.plan.lines.rules import PlanLineState


class PlanLine(Updated, Aggregate):
    """A line that an assessment proposes for a territorial plan, with the decision of the planning service."""

    __tablename__ = "plan_line"
    __location__ = "/plan-lines/{id}"

    assessment_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    title: Mapped[str]
    sector: Mapped[str]
    currency: Mapped[str]
    cost_minor: Mapped[money]
    state: Mapped[str]
    reason: Mapped[str | None]
    action_id: Mapped[UUID | None]
    """The action of the plan that the line became."""

    def accept(self, action_id: UUID) -> None:
        """Record that the line became an action of the plan."""
        self.state = rules.decide(PlanLineState(self.state), "accept")
        self.action_id, self.reason = action_id, None

    def reject(self, action_id: UUID, reason: str) -> None:
        """Record that the line's action was rejected, with the reason."""
        self.state = rules.decide(PlanLineState(self.state), "reject")
        self.action_id, self.reason = action_id, reason
