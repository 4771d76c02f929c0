"""How agencies keep their entries. What everybody reads is `referrals.directory.publication`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, shared

from referrals.directory.services import commands, queries
from referrals.directory.services.models import Service
from referrals.directory.services.schemas import CapacityIn, ConfideIn, ServiceIn, ServiceOut
from referrals.instance import Country

router = APIRouter(prefix="/directory/services", tags=["directory"])
Editor = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR)]
Provider = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR, Duty.PROVIDER)]
Reader = Annotated[UnitOfWork, shared()]


@router.post("", status_code=201)
async def enter(unit: Editor, country: Country, body: ServiceIn, response: Response) -> ServiceOut:
    """A new entry; public at once, unless it is confidential."""
    service = await commands.enter(unit, country, body)
    response.headers["Location"] = f"/directory/services/{service.id}"
    return ServiceOut.model_validate(service)


@router.get("")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[ServiceOut]:
    """The agency's own entries, the newest first."""
    mine = queries.own(unit.principal.agency)
    return await page_of(unit.session, mine, cursor, ServiceOut.model_validate, by=Service)


@router.get("/{service_id}")
async def read(unit: Reader, service_id: UUID) -> ServiceOut:
    """An entry of the agency's own, or one confided to it."""
    return ServiceOut.model_validate(await unit.get(Service, service_id))


@router.put("/{service_id}")
async def revise(unit: Editor, country: Country, service_id: UUID, body: ServiceIn) -> ServiceOut:
    """The entry as it is from now on, whole."""
    return ServiceOut.model_validate(await commands.revise(unit, country, service_id, body))


@router.put("/{service_id}/capacity")
async def say_capacity(unit: Provider, service_id: UUID, body: CapacityIn) -> ServiceOut:
    """How many places are free now."""
    return ServiceOut.model_validate(await commands.say_capacity(unit, service_id, body))


@router.put("/{service_id}/confidants/{agency_id}", status_code=204)
async def confide(unit: Editor, service_id: UUID, agency_id: UUID, body: ConfideIn) -> None:
    """Another agency may see the entry, and refer to it."""
    await commands.confide(unit, service_id, agency_id, body.until)


@router.delete("/{service_id}/confidants/{agency_id}", status_code=204)
async def withhold(unit: Editor, service_id: UUID, agency_id: UUID) -> None:
    """No longer."""
    await commands.withhold(unit, service_id, agency_id)
