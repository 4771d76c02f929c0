"""Allocations, which are never changed, and budget lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class Allocation(AgencyEntity):
    """Which actions are paid for. `reason` and `signer` of an override; the account of a rule."""

    __tablename__ = "allocation"

    round: Mapped[int]
    rule: Mapped[str]
    selected: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    cost_minor: Mapped[money]
    budget_minor: Mapped[money]
    account: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None]
    signer: Mapped[UUID | None]


class BudgetLine(AgencyEntity):
    """Money set aside for one action of a validated plan, and whose programmes may draw on it."""

    __tablename__ = "budget_line"

    action_id: Mapped[UUID]
    perspective: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[money]
    may_draw: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
