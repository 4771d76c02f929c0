from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.instance import Held
from intake.registry.access_log.models import log_access
from intake.registry.households import commands, queries
from intake.registry.households.schemas import HouseholdIn, HouseholdOut

router = APIRouter(tags=["households"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.get("/households/{household_id}")
async def read(unit: Desk, held: Held, household_id: UUID) -> HouseholdOut:
    """A household and its people; the reading is logged."""
    found = await queries.household(unit, held, household_id)
    log_access(unit, household_id, "household_read")
    return found


@router.put("/households/{household_id}")
async def change(unit: Desk, held: Held, household_id: UUID, body: HouseholdIn) -> HouseholdOut:
    """What the desk knows of the household now."""
    await commands.change(unit, household_id, body)
    return await queries.household(unit, held, household_id)
