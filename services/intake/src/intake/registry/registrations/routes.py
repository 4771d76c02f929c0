from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.instance import Country, Held
from intake.registry.registrations import commands, queries, rules
from intake.registry.registrations.schemas import RegistrationIn, RegistrationOut

router = APIRouter(tags=["registrations"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.put("/registrations/{registration_id}", status_code=201)
async def register(
    unit: Desk, held: Held, country: Country, registration_id: UUID, body: RegistrationIn, response: Response
) -> RegistrationOut:
    """Registers a household under an id of the desk's own making.

    Sent again it answers the same, with 200; with another content it is refused.
    """
    rules.must_know_documents(
        [[document.kind for document in member.documents] for member in body.members], country.documents
    )
    registration, is_new = await commands.register(unit, held, registration_id, body)
    response.status_code = 201 if is_new else 200
    return await queries.registration(unit, registration)
