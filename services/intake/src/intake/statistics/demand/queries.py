"""Demand reports as their agency reads them."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import select

from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.schemas import DemandCell, DemandReportListed, DemandReportOut


async def list_reports(unit: UnitOfWork, cursor: Cursor) -> Page[DemandReportListed]:
    """Return a page of the agency's reports, the newest first."""
    reports = select(DemandReport).where(DemandReport.agency == unit.principal.agency)
    return await page_of(unit.session, reports, cursor, DemandReportListed.model_validate, by=DemandReport)


async def read_report(unit: UnitOfWork, report_id: UUID) -> DemandReportOut:
    """Return a report. Raises NotFound."""
    return report_out(await unit.get(DemandReport, report_id))


def report_out(report: DemandReport) -> DemandReportOut:
    """Return the schema of a report."""
    return DemandReportOut(
        report_id=report.id,
        period_start=report.period_start,
        period_end=report.period_end,
        k=report.k,
        cells=[DemandCell.model_validate(cell) for cell in report.cells.cells],
        withheld=report.withheld,
    )
