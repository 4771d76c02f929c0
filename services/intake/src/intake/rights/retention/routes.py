"""The routes of retention runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from intake.rights.retention.models import RetentionRun
from intake.rights.retention.schemas import RetentionRunOut

router = APIRouter(tags=["retention"])
Reader = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER, Duty.AUDITOR)]


@router.get("/retention-runs")
async def list_retention_runs(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[RetentionRunOut]:
    """List what is going to be erased because its period is over, and what was, the newest first."""
    runs = select(RetentionRun).where(RetentionRun.agency == unit.principal.agency)
    return await page_of(unit.session, runs, cursor, _retention_run_out, by=RetentionRun)


def _retention_run_out(run: RetentionRun) -> RetentionRunOut:
    return RetentionRunOut(
        retention_run_id=run.id,
        announced_at=run.created,
        execute_on=run.execute_on,
        announced=run.announced.counts,
        erased=run.erased.counts if run.erased else None,
        finished=run.finished,
    )
