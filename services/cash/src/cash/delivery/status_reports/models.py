"""The entities of status reports."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate
from sqlalchemy.orm import Mapped

from cash.delivery.payments.bulk import LockedPayment
from cash.engines.bank_messages.reports import PaymentReport


class StatusReport(Aggregate):
    """A file that was imported. `contradictions` counts the reports that contradict what is recorded."""

    __tablename__ = "status_report"
    __location__: ClassVar = "/status-reports/{id}"

    sha256: Mapped[str]
    message: Mapped[str]
    version: Mapped[str]
    matched: Mapped[int]
    unmatched: Mapped[int]
    contradictions: Mapped[int]


class ReportContradiction(AgencyEntity):
    """A report on a payment that contradicts what is recorded. Its root is the status report.

    `state` is the payment's, `status` and `reason` are the provider's codes.
    """

    __tablename__ = "contradiction"

    payment_id: Mapped[UUID]
    state: Mapped[str]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    explanation: Mapped[str]

    @property
    def report_id(self) -> UUID:
        return self.root

    @classmethod
    def of(
        cls, status_report: StatusReport, payment: LockedPayment, report: PaymentReport, explanation: str
    ) -> ReportContradiction:
        """Return the contradiction of a payment to a report on it."""
        return cls(
            root=status_report.id,
            payment_id=payment.id,
            state=payment.state,
            status=report.status,
            reason=report.reason,
            explanation=explanation,
        )
