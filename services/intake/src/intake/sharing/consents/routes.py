from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency
from sqlalchemy import select

from intake.instance import Country, Held
from intake.registry.people.models import Person
from intake.sharing.consents import commands
from intake.sharing.consents.models import Consent
from intake.sharing.consents.schemas import ConsentIn, ConsentOut

router = APIRouter(tags=["consents"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.post("/consents", status_code=201)
async def grant(unit: Desk, held: Held, country: Country, body: ConsentIn, response: Response) -> ConsentOut:
    """Records a consent, makes the package that it opens, and opens it to the recipient."""
    consent = await commands.grant(unit, held, country, body)
    response.headers["Location"] = f"/consents/{consent.id}"
    return ConsentOut.model_validate(consent)


@router.get("/consents/{consent_id}")
async def read(unit: Desk, consent_id: UUID) -> ConsentOut:
    return ConsentOut.model_validate(await unit.get(Consent, consent_id))


@router.get("/people/{person_id}/consents")
async def list_(unit: Desk, person_id: UUID) -> list[ConsentOut]:
    """A person's consents, the oldest first."""
    await unit.get(Person, person_id)
    theirs = select(Consent).where(Consent.agency == unit.principal.agency, Consent.root == person_id)
    found = await unit.session.scalars(theirs.order_by(Consent.created, Consent.id))
    return [ConsentOut.model_validate(consent) for consent in found]


@router.post("/consents/{consent_id}/withdraw")
async def withdraw(unit: Desk, consent_id: UUID, response: Response) -> ConsentOut:
    """The person takes it back: from now on the recipient finds nothing."""
    consent = await commands.withdraw(unit, consent_id)
    response.headers["Location"] = f"/consents/{consent_id}"
    return ConsentOut.model_validate(consent)
