"""The HTTP API of identifiers: what has them, and those of a programme."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.language.external_ids import ExternalIdQuery, ExternalIdsIn
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import (
    ExternalId,
    FoundExternalIds,
    find_by_external_ids,
    replace_external_ids,
)
from solidary.platform.identity import Duty
from solidary.platform.web import agency, versioned

from cash.targeting.programmes import queries
from cash.targeting.programmes.models import Programme
from cash.targeting.programmes.schemas import ProgrammeOut

router = APIRouter(tags=["external-ids"])
Finder = Annotated[
    UnitOfWork,
    agency(
        Duty.CASH_MAKER,
        Duty.CASE_WORKER,
        Duty.AUDITOR,
        Duty.INTEGRATOR,
        Duty.SOFTWARE_ENROL,
        read_only=True,
    ),
]
Maker = Annotated[UnitOfWork, agency(Duty.CASH_MAKER)]


@router.post("/external-ids/find")
async def find_external_ids(unit: Finder, body: ExternalIdQuery) -> FoundExternalIds:
    """Find the programmes to which your agency gave these identifiers."""
    return await find_by_external_ids(unit, ("programme",), body.external_ids)


@router.put("/programmes/{programme_id}/external-ids")
@versioned(Programme, ExternalId)
async def replace_programme_external_ids(
    unit: Maker, programme_id: UUID, body: ExternalIdsIn
) -> ProgrammeOut:
    """Replace your agency's identifiers of its programme."""
    programme = await unit.get(Programme, programme_id)
    await replace_external_ids(unit, "programme", programme.id, body.external_ids)
    return await queries.show(unit, programme)
