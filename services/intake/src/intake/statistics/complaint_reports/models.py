"""Published months."""

from __future__ import annotations

from datetime import date

from solidary.platform.database import Aggregate, RecordColumn
from sqlalchemy.orm import Mapped, mapped_column

from intake.statistics.complaint_reports.records import ReportRecord


class ComplaintReport(Aggregate):
    """The reports of discrimination of a month, published once and never counted again.

    `content` includes the withheld figures and never leaves this service.
    """

    __tablename__ = "complaint_report"
    __location__ = "/complaint-reports/{id}"

    period_start: Mapped[date]
    period_end: Mapped[date]
    k: Mapped[int]
    withheld: Mapped[int]
    content: Mapped[ReportRecord] = mapped_column(RecordColumn(ReportRecord))
