"""The route of registrations."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, agency

from intake.desk.registrations import commands, queries
from intake.desk.registrations.schemas import RegistrationIn, RegistrationOut
from intake.registry.encryption.dependencies import CurrentInstanceKey

router = APIRouter(tags=["registrations"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_REGISTER)]


AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": RegistrationOut, "description": "The same request was answered before"}
}


@router.put("/registrations/{registration_id}", status_code=201, responses=AGAIN)
async def register_household(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    registration_id: UUID,
    body: RegistrationIn,
    response: Response,
) -> RegistrationOut:
    """Register a household under an id that the desk generates.

    The same request again gets the same response with 200; other content under the same id is refused.
    """
    registration, is_new = await commands.register(unit, instance_key, country, registration_id, body)
    response.status_code = 201 if is_new else 200
    return await queries.show_registration(unit, registration, body, is_new=is_new)
