from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from cash.delivery.payments.rules import Contradiction as Ruled
from cash.delivery.payments.sets import Known
from cash.engines.bank_messages.reports import PaymentReport


class StatusReport(AgencyEntity):
    """One file that was read. `contradictions`: reports that what is settled rules out; somebody must look."""

    __tablename__ = "status_report"

    sha256: Mapped[str]
    message: Mapped[str]
    version: Mapped[str]
    matched: Mapped[int]
    unmatched: Mapped[int]
    contradictions: Mapped[int]


class Contradiction(AgencyEntity):
    """A provider's word on a payment that what is settled rules out; its root is the report. `state` is the payment's,
    `status` and `reason` are what the provider said."""

    __tablename__ = "contradiction"

    payment_id: Mapped[UUID]
    state: Mapped[str]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    why: Mapped[str]

    @classmethod
    def of(cls, report: StatusReport, payment: Known, said: PaymentReport, ruled: Ruled) -> Contradiction:
        return cls(
            id=uuid4(),
            root=report.id,
            payment_id=payment.id,
            state=payment.state,
            status=said.status,
            reason=said.reason,
            why=ruled.detail,
        )
