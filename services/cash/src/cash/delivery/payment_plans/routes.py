"""HTTP of payment plans. Who is a maker of a plan is known by the database, not by a duty."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, WorkOut, accepted, agency, page_of
from sqlalchemy import select

from cash.delivery.payment_plans import commands, jobs
from cash.delivery.payment_plans.models import PaymentPlan, signatures_of
from cash.delivery.payment_plans.rules import Step
from cash.delivery.payment_plans.schemas import PlanIn, PlanOut, SignatureOut
from cash.keyed import KEYED

router = APIRouter(tags=["payment plans"], dependencies=KEYED)
Maker = Annotated[UnitOfWork, agency(Duty.CASH_MAKER)]
Checker = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER)]
Releaser = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER)]
Refuser = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER, Duty.CASH_RELEASER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


def _answer(plan: PaymentPlan, response: Response) -> PlanOut:
    response.headers["Location"] = f"/payment-plans/{plan.id}"
    return PlanOut.model_validate(plan)


@router.post("/payment-plans", status_code=201)
async def create(unit: Maker, body: PlanIn, response: Response) -> PlanOut:
    """Begin a plan for a cycle of a programme."""
    return _answer(await commands.create(unit, body), response)


@router.get("/payment-plans")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[PlanOut]:
    """Your agency's plans, the newest first."""
    mine = select(PaymentPlan).where(PaymentPlan.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, PlanOut.model_validate, by=PaymentPlan)


@router.get("/payment-plans/{plan_id}")
async def read(unit: Reader, plan_id: UUID) -> PlanOut:
    """One plan."""
    return PlanOut.model_validate(await unit.get(PaymentPlan, plan_id))


@router.get("/payment-plans/{plan_id}/signatures")
async def signatures(unit: Reader, plan_id: UUID) -> list[SignatureOut]:
    """Who made the plan and who said yes, round by round."""
    await unit.get(PaymentPlan, plan_id)
    return [SignatureOut.model_validate(each) for each in await signatures_of(unit, plan_id)]


@router.post("/payment-plans/{plan_id}/populate", status_code=202)
async def populate(unit: Maker, plan_id: UUID, response: Response) -> WorkOut:
    """A payment for every enrolled household that has none in this cycle."""
    return accepted(await jobs.ask_to_populate(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/lock")
async def lock(unit: Maker, plan_id: UUID, response: Response) -> PlanOut:
    """No household comes or goes any more."""
    return _answer(await commands.step(unit, plan_id, Step.LOCK), response)


@router.post("/payment-plans/{plan_id}/unlock")
async def unlock(unit: Maker, plan_id: UUID, response: Response) -> PlanOut:
    """Back to populating."""
    return _answer(await commands.step(unit, plan_id, Step.UNLOCK), response)


@router.post("/payment-plans/{plan_id}/entitle", status_code=202)
async def entitle(unit: Maker, plan_id: UUID, response: Response) -> WorkOut:
    """Compute each amount by the programme's rule."""
    return accepted(await jobs.ask_to_entitle(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/submit")
async def submit(unit: Maker, plan_id: UUID, response: Response) -> PlanOut:
    """Ask the others for their yes: a new round."""
    return _answer(await commands.submit(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/approve")
async def approve(unit: Checker, plan_id: UUID, response: Response) -> PlanOut:
    """The first yes, by somebody who did not make the plan."""
    return _answer(await commands.sign(unit, plan_id, Step.APPROVE), response)


@router.post("/payment-plans/{plan_id}/authorise")
async def authorise(unit: Checker, plan_id: UUID, response: Response) -> PlanOut:
    """The second yes, by yet another person."""
    return _answer(await commands.sign(unit, plan_id, Step.AUTHORISE), response)


@router.post("/payment-plans/{plan_id}/release", status_code=202)
async def release(unit: Releaser, plan_id: UUID, response: Response) -> WorkOut:
    """The last yes: the money is reserved on the budget line."""
    return accepted(await jobs.ask_to_release(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/reject")
async def reject(unit: Refuser, plan_id: UUID, response: Response) -> PlanOut:
    """A no: the round is over, the plan is entitled again."""
    return _answer(await commands.step(unit, plan_id, Step.REJECT), response)


@router.post("/payment-plans/{plan_id}/cancel")
async def cancel(unit: Maker, plan_id: UUID, response: Response) -> PlanOut:
    """Give the plan up, before it is dispatched."""
    return _answer(await commands.cancel(unit, plan_id), response)
