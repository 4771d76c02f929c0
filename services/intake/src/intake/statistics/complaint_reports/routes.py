"""The routes of counted reports of discrimination."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Page, UpdatedCursor, agency, created, page_of
from sqlalchemy import select

from intake.statistics.complaint_reports import commands
from intake.statistics.complaint_reports.models import ComplaintReport
from intake.statistics.complaint_reports.schemas import (
    ComplaintReportIn,
    ComplaintReportListed,
    ComplaintReportOut,
    ReportedCell,
)

router = APIRouter(tags=["complaint reports"])
Publisher = Annotated[UnitOfWork, agency(Duty.CASE_WORKER, Duty.DATA_PROTECTION_OFFICER)]
Reader = Annotated[UnitOfWork, agency()]


@router.post("/complaint-reports", status_code=201)
async def publish_complaint_report(
    unit: Publisher, country: CurrentCountry, body: ComplaintReportIn, response: Response
) -> ComplaintReportOut:
    """Count and publish the reports of discrimination of a month that is over, once."""
    return _report_out(created(await commands.publish(unit, country, body.period), response))


@router.get("/complaint-reports")
async def list_complaint_reports(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[ComplaintReportListed]:
    """List the agency's published months, the newest first."""
    reports = select(ComplaintReport).where(ComplaintReport.agency == unit.principal.agency)
    return await page_of(
        unit.session, reports, cursor, ComplaintReportListed.model_validate, by=ComplaintReport
    )


@router.get("/complaint-reports/{report_id}")
async def read_complaint_report(unit: Reader, report_id: UUID) -> ComplaintReportOut:
    """Read a published month with its figures."""
    return _report_out(await unit.get(ComplaintReport, report_id))


def _report_out(report: ComplaintReport) -> ComplaintReportOut:
    cells = [
        ReportedCell(**{"area": None, "kind": None} | dict(where), count=count)
        for where, count in sorted(report.content.table.to_table().published.items())
    ]
    return ComplaintReportOut(
        report_id=report.id,
        period_start=report.period_start,
        period_end=report.period_end,
        k=report.k,
        cells=cells,
        withheld=report.withheld,
    )
