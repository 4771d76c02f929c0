"""The allocation as an entity, which never changes."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, RecordColumn, money
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from planning.budget.allocations.records import AccountRecord


class Allocation(AgencyEntity):
    """The actions that the budget pays for: by a rule with its account, or by an override with reason and signer."""

    __tablename__ = "allocation"

    round: Mapped[int]
    rule: Mapped[str]
    selected: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    cost_minor: Mapped[money]
    budget_minor: Mapped[money]
    account: Mapped[AccountRecord | None] = mapped_column(RecordColumn(AccountRecord))
    reason: Mapped[str | None]
    signer: Mapped[UUID | None]
