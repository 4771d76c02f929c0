"""The HTTP API of providers' reports."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import (
    MB,
    Page,
    UpdatedCursor,
    WorkOut,
    accepted,
    agency,
    page_of,
    upload,
    where_given,
)
from sqlalchemy import select

from cash.delivery.status_reports import jobs
from cash.delivery.status_reports.models import ReportContradiction, StatusReport
from cash.delivery.status_reports.packing import pack
from cash.delivery.status_reports.records import UploadRecord
from cash.delivery.status_reports.schemas import ContradictionOut, StatusReportOut
from cash.idempotency_required import IDEMPOTENCY_REQUIRED

router = APIRouter(tags=["status reports"], dependencies=IDEMPOTENCY_REQUIRED)
Importer = Annotated[UnitOfWork, agency(Duty.BANK_REPORTER)]
Reader = Annotated[
    UnitOfWork,
    agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.BANK_REPORTER, Duty.AUDITOR),
]
MAX_BYTES = 64 * MB
"""About 120,000 payments of a camt.054."""
EXAMPLE = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>
<GrpHdr><MsgId>EJEMPLO-1</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>ORDEN-1</OrgnlMsgId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>ORDEN-1</OrgnlPmtInfId><TxInfAndSts>
<OrgnlEndToEndId>7c0f6a523d1e4b8a9c550d6a1f2e4b11</OrgnlEndToEndId><TxSts>ACSC</TxSts>
</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""
XML = {
    "requestBody": {
        "required": True,
        "content": {
            "application/xml": {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "maxLength": MAX_BYTES,
                    "examples": [EXAMPLE],
                }
            }
        },
    }
}


@router.post("/status-reports", status_code=202, openapi_extra=XML)
@upload(at_most=MAX_BYTES)
async def import_status_report(unit: Importer, request: Request, response: Response) -> WorkOut:
    """Import a provider's report as it was received: pain.002, camt.053 or camt.054. All of it, or nothing.

    Only the provider's channel may: nobody who prepared, approved, released or ordered one of its payments. The result
    of the work is the report. The names and accounts in the file are not kept.
    """
    with NamedTemporaryFile(suffix=".xml") as file:
        digest = sha256()
        async for chunk in request.stream():
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        file.flush()
        record, body = await asyncio.to_thread(_pack, Path(file.name))
    return accepted(await jobs.request_import(unit, digest.hexdigest(), record, body), response)


@router.get("/status-reports")
async def list_status_reports(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()], has_contradictions: bool | None = None
) -> Page[StatusReportOut]:
    """List the reports that your agency imported, the newest first."""
    own = select(StatusReport).where(StatusReport.agency == unit.principal.agency)
    if has_contradictions is not None:
        own = own.where((StatusReport.contradictions > 0) == has_contradictions)
    return await page_of(unit.session, own, cursor, StatusReportOut.model_validate, by=StatusReport)


@router.get("/contradictions")
async def list_contradictions(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()], report_id: UUID | None = None
) -> Page[ContradictionOut]:
    """List the reports that contradict what is recorded, the newest first. Somebody must look into each."""
    own = where_given(
        select(ReportContradiction).where(ReportContradiction.agency == unit.principal.agency),
        {ReportContradiction.root: report_id},
    )
    return await page_of(unit.session, own, cursor, ContradictionOut.model_validate, by=ReportContradiction)


@router.get("/status-reports/{report_id}")
async def read_status_report(unit: Reader, report_id: UUID) -> StatusReportOut:
    """Read one report."""
    return StatusReportOut.model_validate(await unit.get(StatusReport, report_id))


def _pack(file: Path) -> tuple[UploadRecord, bytes]:
    try:
        return pack(file)
    except InvalidInput as error:
        fault = Fault(error.place or "line 1", error.reason)
    except CommandError as error:
        fault = Fault("line 1", str(error).removeprefix(f"{file}: "))
    raise Invalid("The file is not a report that can be read.", fault)
