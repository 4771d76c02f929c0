"""The HTTP API of payment plans. The database, and not a duty, determines who is a maker of a plan."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import (
    Cursor,
    Page,
    UpdatedCursor,
    WorkOut,
    accepted,
    agency,
    created,
    page_of,
    where_given,
)
from sqlalchemy import select

from cash.delivery.payment_plans import commands, jobs
from cash.delivery.payment_plans.models import PaymentPlan, sign_offs_of
from cash.delivery.payment_plans.rules import PaymentPlanState, PlanStep
from cash.delivery.payment_plans.schemas import PaymentPlanIn, PaymentPlanOut, SignOffOut
from cash.delivery.payments.models import Payment
from cash.delivery.payments.rules import PaymentState
from cash.delivery.payments.schemas import PaymentOut
from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.targeting.programmes.rules import ApprovalStage

router = APIRouter(tags=["payment plans"], dependencies=IDEMPOTENCY_REQUIRED)
Maker = Annotated[UnitOfWork, agency(Duty.CASH_MAKER)]
Checker = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER)]
Releaser = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER)]
Rejecter = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER, Duty.CASH_RELEASER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


def _out(plan: PaymentPlan, response: Response) -> PaymentPlanOut:
    return PaymentPlanOut.model_validate(created(plan, response))


@router.post("/payment-plans", status_code=201)
async def create_payment_plan(unit: Maker, body: PaymentPlanIn, response: Response) -> PaymentPlanOut:
    """Create a plan for a cycle of a programme."""
    return _out(await commands.create_plan(unit, body), response)


@router.get("/payment-plans")
async def list_payment_plans(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    state: PaymentPlanState | None = None,
    programme_id: UUID | None = None,
) -> Page[PaymentPlanOut]:
    """List your agency's plans, the newest first."""
    own = where_given(
        select(PaymentPlan).where(PaymentPlan.agency == unit.principal.agency),
        {PaymentPlan.state: state, PaymentPlan.programme_id: programme_id},
    )
    return await page_of(unit.session, own, cursor, PaymentPlanOut.model_validate, by=PaymentPlan)


@router.get("/payment-plans/{plan_id}")
async def read_payment_plan(unit: Reader, plan_id: UUID) -> PaymentPlanOut:
    """Read one plan."""
    return PaymentPlanOut.model_validate(await unit.get(PaymentPlan, plan_id))


@router.get("/payment-plans/{plan_id}/sign-offs")
async def list_sign_offs(unit: Reader, plan_id: UUID) -> list[SignOffOut]:
    """List the people who prepared and approved the plan, round by round."""
    await unit.get(PaymentPlan, plan_id)
    return [SignOffOut.model_validate(each) for each in await sign_offs_of(unit, plan_id)]


@router.get("/payment-plans/{plan_id}/payments")
async def list_payments(
    unit: Reader,
    plan_id: UUID,
    cursor: Annotated[Cursor, Depends()],
    state: PaymentState | None = None,
    household_id: UUID | None = None,
) -> Page[PaymentOut]:
    """List a plan's payments, the newest first."""
    await unit.get(PaymentPlan, plan_id)
    wanted = {Payment.state: state, Payment.household_id: household_id}
    query = where_given(select(Payment).where(Payment.root == plan_id), wanted)
    return await page_of(unit.session, query, cursor, PaymentOut.model_validate, by=Payment)


@router.post("/payment-plans/{plan_id}/populate", status_code=202)
async def populate(unit: Maker, plan_id: UUID, response: Response) -> WorkOut:
    """Add a payment for every enrolled household that has none in this cycle."""
    return accepted(await jobs.start_populating(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/lock")
async def lock(unit: Maker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Lock the list of households."""
    return _out(await commands.take_step(unit, plan_id, PlanStep.LOCK), response)


@router.post("/payment-plans/{plan_id}/unlock")
async def unlock(unit: Maker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Unlock the list of households, so that the plan can be populated again."""
    return _out(await commands.take_step(unit, plan_id, PlanStep.UNLOCK), response)


@router.post("/payment-plans/{plan_id}/entitle", status_code=202)
async def entitle(unit: Maker, plan_id: UUID, response: Response) -> WorkOut:
    """Compute each amount by the programme's rule."""
    return accepted(await jobs.start_entitling(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/submit")
async def submit(unit: Maker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Submit the plan for approval. A new round begins."""
    return _out(await commands.submit(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/approve")
async def approve(unit: Checker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Approve the plan, as somebody who did not prepare it."""
    return _out(await commands.approve(unit, plan_id, ApprovalStage.APPROVE), response)


@router.post("/payment-plans/{plan_id}/authorise")
async def authorise(unit: Checker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Authorise the approved plan, as another checker."""
    return _out(await commands.approve(unit, plan_id, ApprovalStage.AUTHORISE), response)


@router.post("/payment-plans/{plan_id}/release", status_code=202)
async def release(unit: Releaser, plan_id: UUID, response: Response) -> WorkOut:
    """Release the authorised plan: its money is reserved on the budget line."""
    return accepted(await jobs.start_releasing(unit, plan_id), response)


@router.post("/payment-plans/{plan_id}/reject")
async def reject(unit: Rejecter, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Reject the plan: the round ends, and the plan can be changed and submitted again."""
    return _out(await commands.take_step(unit, plan_id, PlanStep.REJECT), response)


@router.post("/payment-plans/{plan_id}/cancel")
async def cancel(unit: Maker, plan_id: UUID, response: Response) -> PaymentPlanOut:
    """Cancel the plan before it is dispatched."""
    return _out(await commands.cancel(unit, plan_id), response)
