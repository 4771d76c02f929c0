from __future__ import annotations

from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class Payment(AgencyEntity):
    """What one household receives in a cycle, in minor units. Its root is the plan.

    `account` refers to where intake keeps the payee's account (the consent's package), `account_version` says
    which account that was when the amount was computed. `why` has the steps of the amount.
    """

    __tablename__ = "payment"

    programme_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    household_id: Mapped[UUID]
    collector: Mapped[UUID]
    registered_by: Mapped[UUID]
    cycle: Mapped[str]
    purpose: Mapped[str]
    fsp: Mapped[str]
    account: Mapped[UUID]
    account_version: Mapped[int]
    amount: Mapped[money]
    currency: Mapped[str]
    state: Mapped[str]
    delivered: Mapped[money]
    reason: Mapped[str | None]
    why: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
