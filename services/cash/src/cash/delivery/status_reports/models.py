"""The entities of status reports."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, RecordColumn, RecordedBy
from sqlalchemy.orm import Mapped, mapped_column

from cash.delivery.status_reports.records import UploadRecord


class StatusReport(RecordedBy, Aggregate):
    """A file that was imported by `recorded_by`. `order_message` is the order that it names.

    `contradictions` counts the reports that contradict what is recorded.
    """

    __tablename__ = "status_report"
    __location__: ClassVar = "/status-reports/{id}"

    sha256: Mapped[str]
    message: Mapped[str]
    version: Mapped[str]
    order_message: Mapped[str | None]
    matched: Mapped[int]
    unmatched: Mapped[int]
    contradictions: Mapped[int]


class StatusReportUpload(AgencyEntity):
    """An uploaded file that `work_id` imports: `body` has its payments (packed by `packing.pack`). Deleted by that."""

    __tablename__ = "status_report_upload"

    work_id: Mapped[UUID]
    sha256: Mapped[str]
    content: Mapped[UploadRecord] = mapped_column(RecordColumn(UploadRecord))
    body: Mapped[bytes]


class ReportContradiction(AgencyEntity):
    """A report on a payment that contradicts what is recorded. Its root is the status report.

    `state` is the payment's, `status` and `reason` are the provider's codes. `occurrences` counts the equal reports of
    the file.
    """

    __tablename__ = "contradiction"

    payment_id: Mapped[UUID]
    state: Mapped[str]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    explanation: Mapped[str]
    occurrences: Mapped[int]

    @property
    def report_id(self) -> UUID:
        return self.root


class BookedEntryRow(AgencyEntity):
    """An entry of a statement or a notice that was applied to a payment. Its root is the status report."""

    __tablename__ = "booked_entry"

    payment_id: Mapped[UUID]
    message: Mapped[str]
    kind: Mapped[str]
    booking: Mapped[str | None]
