from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from intake.instance import Country
from intake.statistics.demand import commands
from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.schemas import DemandReportIn, DemandReportListed, DemandReportOut

router = APIRouter(tags=["demand"])
Publisher = Annotated[UnitOfWork, agency(Duty.CASE_WORKER, Duty.DATA_PROTECTION_OFFICER)]
Reader = Annotated[UnitOfWork, agency()]


@router.post("/demand-reports", status_code=201)
async def publish(
    unit: Publisher, country: Country, body: DemandReportIn, response: Response
) -> DemandReportOut:
    """Counts a month that is over and publishes it, once."""
    report = await commands.publish(unit, country, body.period)
    response.headers["Location"] = f"/demand-reports/{report.id}"
    return DemandReportOut.model_validate(report)


@router.get("/demand-reports")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[DemandReportListed]:
    """The agency's reports, the newest first."""
    ours = select(DemandReport).where(DemandReport.agency == unit.principal.agency)
    return await page_of(unit.session, ours, cursor, DemandReportListed.model_validate, by=DemandReport)


@router.get("/demand-reports/{report_id}")
async def read(unit: Reader, report_id: UUID) -> DemandReportOut:
    return DemandReportOut.model_validate(await unit.get(DemandReport, report_id))
