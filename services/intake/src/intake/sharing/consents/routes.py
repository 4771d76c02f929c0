"""The routes of consents."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Cursor, Page, agency, created, runtime

from intake.registry.access_log.dependencies import StatedReason
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.sharing.consents import commands, queries
from intake.sharing.consents.rules import ConsentState
from intake.sharing.consents.schemas import ConsentIn, ConsentOfList, ConsentOut

router = APIRouter(tags=["consents"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_CONSENT)]
Reader = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_READ)]


@router.post("/consents", status_code=201)
async def grant_consent(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    request: Request,
    body: ConsentIn,
    response: Response,
    reason: StatedReason = None,
) -> ConsentOut:
    """Record a consent, and open the package that it names to the recipient; listing needs takes a need to know."""
    agencies = runtime(request).settings.agencies
    consent = await commands.grant(unit, instance_key, country, agencies, body, reason)
    return ConsentOut.model_validate(created(consent, response))


@router.get("/consents")
async def list_own_consents(
    unit: Reader,
    instance_key: CurrentInstanceKey,
    cursor: Annotated[Cursor, Depends()],
    state: ConsentState | None = None,
    ends_before: AwareDatetime | None = None,
) -> Page[ConsentOfList]:
    """List the consents of the people to whom you are assigned, the newest first."""
    return await queries.list_own_consents(unit, instance_key, cursor, state, ends_before)


@router.get("/consents/{consent_id}")
async def read_consent(unit: Reader, consent_id: UUID) -> ConsentOut:
    """Read a consent."""
    return ConsentOut.model_validate(await queries.read_consent(unit, consent_id))


@router.get("/people/{person_id}/consents")
async def list_consents(unit: Reader, person_id: UUID) -> list[ConsentOut]:
    """List a person's consents, the oldest first."""
    return [ConsentOut.model_validate(consent) for consent in await queries.list_consents(unit, person_id)]


@router.post("/consents/{consent_id}/withdraw")
async def withdraw_consent(unit: Desk, consent_id: UUID, response: Response) -> ConsentOut:
    """Withdraw a consent: from now on the recipient can read nothing under it."""
    return ConsentOut.model_validate(created(await commands.withdraw(unit, consent_id), response))
