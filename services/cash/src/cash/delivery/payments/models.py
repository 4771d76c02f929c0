"""The entities of payments."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, RecordColumn, money
from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cash.delivery.payments.records import CalculationRecord


class Calculation(AgencyEntity):
    """The calculation of an amount, one for all equal households of a batch. Its root is the plan."""

    __tablename__ = "calculation"

    content: Mapped[CalculationRecord] = mapped_column(RecordColumn(CalculationRecord))


class Payment(AgencyEntity):
    """The amount that one household receives in a cycle, in minor units. Its root is the plan.

    `account_reference` is the consent's package, with which intake keeps the payee's account; `account_version` is the
    version of that account at the calculation of the amount. `report_id` is the latest report that changed it,
    `confirmation_id` the confirmation that a rejected payment has failed.
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
    account_fingerprint: Mapped[str | None]
    amount: Mapped[money]
    currency: Mapped[str]
    state: Mapped[str]
    is_live: Mapped[bool] = mapped_column(Computed("", persisted=True))
    delivered_amount: Mapped[money]
    reason: Mapped[str | None]
    report_id: Mapped[UUID | None]
    confirmation_id: Mapped[UUID | None]
    calculation_id: Mapped[UUID | None]
    _calculation: Mapped[Calculation | None] = relationship(
        primaryjoin="foreign(Payment.calculation_id) == Calculation.id", lazy="selectin", viewonly=True
    )

    @property
    def plan_id(self) -> UUID:
        return self.root

    @property
    def calculation(self) -> CalculationRecord | None:
        """The steps by which the amount was calculated; None before."""
        return None if self._calculation is None else self._calculation.content
