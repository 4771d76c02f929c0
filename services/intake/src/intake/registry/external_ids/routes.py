"""The route that finds people and households by the agency's own identifiers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from solidary.language.external_ids import ExternalIdQuery
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import FoundExternalIds
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.external_ids import queries

router = APIRouter(tags=["external-ids"])
Finder = Annotated[
    UnitOfWork,
    agency(
        Duty.FRONT_DESK,
        Duty.CASE_WORKER,
        Duty.PROTECTION_OFFICER,
        Duty.INTEGRATOR,
        Duty.SOFTWARE_READ,
        Duty.SOFTWARE_REGISTER,
        read_only=True,
    ),
]


@router.post("/external-ids/find")
async def find_external_ids(
    unit: Finder, instance_key: CurrentInstanceKey, body: ExternalIdQuery
) -> FoundExternalIds:
    """Find the people and households to which your agency gave these identifiers. Each person found is logged."""
    return await queries.find_external_ids(unit, instance_key, body)
