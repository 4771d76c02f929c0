"""The route that imports enrolments from a file."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from solidary.platform.bulk import MAX_BYTES, file_body, received_file, report_router
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import WorkOut, accepted, agency, upload

from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.targeting.enrolment_imports import commands, jobs
from cash.targeting.programmes.models import Programme

router = APIRouter(tags=["imports"], dependencies=IDEMPOTENCY_REQUIRED)
DUTIES = (Duty.CASH_MAKER, Duty.CASE_WORKER, Duty.SOFTWARE_ENROL)
Enroller = Annotated[UnitOfWork, agency(*DUTIES)]
reports = report_router(*DUTIES)
EXAMPLE = "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783"
FILE = file_body(f"referral_id\n{EXAMPLE}\n", f'{{"referral_id": "{EXAMPLE}"}}\n')


@router.post("/imports/enrolments", status_code=202, openapi_extra=FILE)
@upload(at_most=MAX_BYTES)
async def import_enrolments(
    unit: Enroller, programme_id: UUID, request: Request, response: Response, dry_run: bool = False
) -> WorkOut:
    """Enrol the households of a file of referrals: CSV, XLSX or JSON lines with `referral_id`.

    A referral that is enrolled already stays as it is. A dry run reports what would become of each row.
    """
    await unit.get(Programme, programme_id)
    async with received_file(request) as (path, format_):
        parsed = await asyncio.to_thread(commands.read_file, path, format_, programme_id)
    return accepted(await jobs.request_import(unit, parsed, dry_run=dry_run), response)
