"""The entities of payments."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, RecordColumn, money
from sqlalchemy.orm import Mapped, mapped_column

from cash.delivery.payments.records import CalculationRecord


class Payment(AgencyEntity):
    """The amount that one household receives in a cycle, in minor units. Its root is the plan.

    `account_reference` is the consent's package, with which intake keeps the payee's account; `account_version` is the
    version of that account at the calculation of the amount.
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
    account_reference: Mapped[UUID]
    account_version: Mapped[int]
    amount: Mapped[money]
    currency: Mapped[str]
    state: Mapped[str]
    delivered_amount: Mapped[money]
    reason: Mapped[str | None]
    calculation: Mapped[CalculationRecord | None] = mapped_column(RecordColumn(CalculationRecord))

    @property
    def plan_id(self) -> UUID:
        return self.root
