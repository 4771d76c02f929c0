"""HTTP of providers' answers."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from cash.delivery.status_reports import commands
from cash.delivery.status_reports.models import Contradiction, StatusReport
from cash.delivery.status_reports.schemas import ContradictionOut, StatusReportOut
from cash.keyed import KEYED

router = APIRouter(tags=["status reports"], dependencies=KEYED)
Receiver = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER, Duty.INTEGRATOR)]
Reader = Annotated[
    UnitOfWork,
    agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.INTEGRATOR, Duty.AUDITOR),
]
ANSWER = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>
<GrpHdr><MsgId>EJEMPLO-1</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>ORDEN-1</OrgnlMsgId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>ORDEN-1</OrgnlPmtInfId><TxInfAndSts>
<OrgnlEndToEndId>7c0f6a523d1e4b8a9c550d6a1f2e4b11</OrgnlEndToEndId><TxSts>ACSC</TxSts>
</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""
XML = {
    "requestBody": {
        "required": True,
        "content": {"application/xml": {"schema": {"type": "string", "examples": [ANSWER]}}},
    }
}


@router.post("/status-reports", status_code=201, openapi_extra=XML)
async def take_in(unit: Receiver, request: Request, response: Response) -> StatusReportOut:
    """A provider's answer as it came: pain.002, camt.053 or camt.054. All of it is taken in, or nothing."""
    with NamedTemporaryFile(suffix=".xml") as file:
        file.write(await request.body())
        file.flush()
        report = await commands.take_in(unit, Path(file.name))
    response.headers["Location"] = f"/status-reports/{report.id}"
    return StatusReportOut.model_validate(report)


@router.get("/status-reports")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[StatusReportOut]:
    """The answers that your agency took in, the newest first."""
    mine = select(StatusReport).where(StatusReport.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, StatusReportOut.model_validate, by=StatusReport)


@router.get("/contradictions")
async def contradictions(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[ContradictionOut]:
    """Where providers said otherwise than what is settled, the newest first: somebody must look."""
    mine = select(Contradiction).where(Contradiction.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, ContradictionOut.model_validate, by=Contradiction)


@router.get("/status-reports/{report_id}")
async def read(unit: Reader, report_id: UUID) -> StatusReportOut:
    """One answer."""
    return StatusReportOut.model_validate(await unit.get(StatusReport, report_id))
