"""The routes of demand reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Page, UpdatedCursor, agency, created

from intake.statistics.demand import commands, queries
from intake.statistics.demand.schemas import DemandReportIn, DemandReportListed, DemandReportOut

router = APIRouter(tags=["demand"])
Publisher = Annotated[UnitOfWork, agency(Duty.CASE_WORKER, Duty.DATA_PROTECTION_OFFICER)]
Reader = Annotated[UnitOfWork, agency()]


@router.post("/demand-reports", status_code=201)
async def publish_demand_report(
    unit: Publisher, country: CurrentCountry, body: DemandReportIn, response: Response
) -> DemandReportOut:
    """Count and publish the demand of a month that is over, once."""
    return queries.report_out(created(await commands.publish(unit, country, body.period), response))


@router.get("/demand-reports")
async def list_demand_reports(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[DemandReportListed]:
    """List the agency's reports, the newest first."""
    return await queries.list_reports(unit, cursor)


@router.get("/demand-reports/{report_id}")
async def read_demand_report(unit: Reader, report_id: UUID) -> DemandReportOut:
    """Read a report with its published figures."""
    return await queries.read_report(unit, report_id)
