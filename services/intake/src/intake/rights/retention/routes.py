"""The routes of retention runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from solidary.language.country import RecordKind
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, page_of
from sqlalchemy import select

from intake.rights.retention.models import RetentionRun
from intake.rights.retention.schemas import RetentionRunOut

router = APIRouter(tags=["retention"])
Reader = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER, Duty.AUDITOR)]


@router.get("/retention-runs")
async def list_retention_runs(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[RetentionRunOut]:
    """List what is going to be erased because its period is over, and what was, the newest first."""
    runs = select(RetentionRun).where(RetentionRun.agency == unit.principal.agency)
    is_officer = Duty.DATA_PROTECTION_OFFICER in unit.principal.duties

    def shown(counts: Mapping[str, int]) -> dict[str, int]:
        """Return the counts without those of restricted needs, which only an officer may know of."""
        return {
            kind: each for kind, each in counts.items() if is_officer or kind != RecordKind.RESTRICTED_NEED
        }

    return await page_of(
        unit.session, runs, cursor, lambda run: _retention_run_out(run, shown), by=RetentionRun
    )


def _retention_run_out(
    run: RetentionRun, shown: Callable[[Mapping[str, int]], dict[str, int]]
) -> RetentionRunOut:
    return RetentionRunOut(
        retention_run_id=run.id,
        announced_at=run.created,
        execute_on=run.execute_on,
        announced=shown(run.announced.counts),
        erased=shown(run.erased.counts) if run.erased else None,
        finished=run.finished,
    )
