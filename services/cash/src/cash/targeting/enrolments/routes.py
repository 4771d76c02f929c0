"""HTTP of enrolments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from cash.keyed import KEYED
from cash.targeting.enrolments import commands
from cash.targeting.enrolments.models import Enrolment, Referred
from cash.targeting.enrolments.schemas import EnrolIn, EnrolmentOut, ReferredOut
from cash.targeting.programmes.models import Programme

router = APIRouter(tags=["enrolments"], dependencies=KEYED)
Enroller = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASE_WORKER)]
Reader = Annotated[
    UnitOfWork,
    agency(Duty.CASH_MAKER, Duty.CASE_WORKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR),
]


@router.get("/referred")
async def referred(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[ReferredOut]:
    """Households that were referred to your agency for cash, the newest first."""
    mine = select(Referred).where(Referred.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, ReferredOut.model_validate, by=Referred)


@router.post("/programmes/{programme_id}/enrolments", status_code=201)
async def enrol(unit: Enroller, programme_id: UUID, body: EnrolIn, response: Response) -> EnrolmentOut:
    """Enrol a referred household; its coded profile is fetched under its consent."""
    enrolment = await commands.enrol(unit, programme_id, body.referral_id)
    response.headers["Location"] = f"/enrolments/{enrolment.id}"
    return EnrolmentOut.model_validate(enrolment)


@router.get("/programmes/{programme_id}/enrolments")
async def list_(unit: Reader, programme_id: UUID, cursor: Annotated[Cursor, Depends()]) -> Page[EnrolmentOut]:
    """A programme's households, the newest first."""
    await unit.get(Programme, programme_id)
    query = select(Enrolment).where(Enrolment.programme_id == programme_id)
    return await page_of(unit.session, query, cursor, EnrolmentOut.model_validate, by=Enrolment)


@router.get("/enrolments/{enrolment_id}")
async def read(unit: Reader, enrolment_id: UUID) -> EnrolmentOut:
    """One enrolment."""
    return EnrolmentOut.model_validate(await unit.get(Enrolment, enrolment_id))
