"""An action of a plan."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.plans.rules import Verdict


class Outcome(StrEnum):
    """What became of an action."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Action(AgencyEntity):
    """Something that the plan may do. `derived_from`: the market's plan line that proposed it."""

    __tablename__ = "action"

    title: Mapped[str]
    perspective: Mapped[str]
    needs: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    cost_minor: Mapped[int | None]
    frozen: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[str] = mapped_column(default=Verdict.OPEN)
    reason: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(default=Outcome.PROPOSED)
    derived_from: Mapped[UUID | None]
    proposed_by: Mapped[UUID | None]
    """The agency whose assessment proposed it."""

    @property
    def feasible(self) -> bool:
        return self.verdict == Verdict.FEASIBLE
