"""The entities of budget lines."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import Aggregate, Updated, money
from sqlalchemy.orm import Mapped


class BudgetLine(Updated, Aggregate):
    """One line of a validated plan, owned by the agency that validated it. `ceiling` is the granted amount."""

    __tablename__ = "budget_line"
    __location__: ClassVar = "/budget-lines/{id}"

    plan_id: Mapped[UUID]
    action_id: Mapped[UUID]
    act_number: Mapped[str]
    perspective: Mapped[str]
    currency: Mapped[str]
    ceiling: Mapped[money]
