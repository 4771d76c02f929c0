"""The budget line as an entity."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column


class BudgetLine(AgencyEntity):
    """The money that a validated plan sets aside for one action, and the agencies that may draw on it."""

    __tablename__ = "budget_line"

    action_id: Mapped[UUID]
    perspective: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[money]
    may_draw: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
