"""The HTTP API of enrolments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, created, page_of, where_given
from sqlalchemy import select

from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.targeting.enrolments import commands
from cash.targeting.enrolments.models import Enrolment, ReferredHousehold
from cash.targeting.enrolments.rules import EnrolmentState
from cash.targeting.enrolments.schemas import EnrolmentIn, EnrolmentOut, ReferredHouseholdOut
from cash.targeting.programmes.models import Programme

router = APIRouter(tags=["enrolments"], dependencies=IDEMPOTENCY_REQUIRED)
Enroller = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASE_WORKER, Duty.SOFTWARE_ENROL)]
Reader = Annotated[
    UnitOfWork,
    agency(
        Duty.CASH_MAKER,
        Duty.CASE_WORKER,
        Duty.CASH_CHECKER,
        Duty.CASH_RELEASER,
        Duty.AUDITOR,
        Duty.SOFTWARE_ENROL,
    ),
]


@router.get("/referred-households")
async def list_referred_households(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()], household_id: UUID | None = None
) -> Page[ReferredHouseholdOut]:
    """List the households that were referred to your agency for cash, the newest first."""
    own = where_given(
        select(ReferredHousehold).where(ReferredHousehold.agency == unit.principal.agency),
        {ReferredHousehold.household_id: household_id},
    )
    return await page_of(unit.session, own, cursor, ReferredHouseholdOut.model_validate, by=ReferredHousehold)


@router.post("/programmes/{programme_id}/enrolments", status_code=201)
async def enrol(unit: Enroller, programme_id: UUID, body: EnrolmentIn, response: Response) -> EnrolmentOut:
    """Enrol a referred household. Its coded profile is fetched under its consent."""
    enrolment = created(await commands.enrol(unit, programme_id, body.referral_id), response)
    return EnrolmentOut.model_validate(enrolment)


@router.get("/programmes/{programme_id}/enrolments")
async def list_enrolments(
    unit: Reader,
    programme_id: UUID,
    cursor: Annotated[UpdatedCursor, Depends()],
    state: EnrolmentState | None = None,
    household_id: UUID | None = None,
    referral_id: UUID | None = None,
) -> Page[EnrolmentOut]:
    """List the households of a programme, the newest first."""
    await unit.get(Programme, programme_id)
    wanted = {
        Enrolment.state: state,
        Enrolment.household_id: household_id,
        Enrolment.referral_id: referral_id,
    }
    query = where_given(select(Enrolment).where(Enrolment.programme_id == programme_id), wanted)
    return await page_of(unit.session, query, cursor, EnrolmentOut.model_validate, by=Enrolment)


@router.get("/enrolments/{enrolment_id}")
async def read_enrolment(unit: Reader, enrolment_id: UUID) -> EnrolmentOut:
    """Read one enrolment."""
    return EnrolmentOut.model_validate(await unit.get(Enrolment, enrolment_id))
