from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy.orm import Mapped


class BudgetLine(AgencyEntity):
    """One line of a validated plan, of the agency that validated it. `ceiling` is what was granted."""

    __tablename__ = "budget_line"

    plan_id: Mapped[UUID]
    action_id: Mapped[UUID]
    act_number: Mapped[str]
    perspective: Mapped[str]
    currency: Mapped[str]
    ceiling: Mapped[money]
