"""The HTTP API of rejections."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency
from sqlalchemy import select

from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.rejections import commands
from cash.delivery.rejections.models import ConfirmedRejection
from cash.delivery.rejections.schemas import ConfirmedRejectionOut, RejectionConfirmationIn
from cash.idempotency_required import IDEMPOTENCY_REQUIRED

router = APIRouter(tags=["rejections"], dependencies=IDEMPOTENCY_REQUIRED)
Checker = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


@router.post("/payment-plans/{plan_id}/confirmed-rejections", status_code=201)
async def confirm_rejections(
    unit: Checker, plan_id: UUID, body: RejectionConfirmationIn, response: Response
) -> ConfirmedRejectionOut:
    """Confirm that the rejected payments of a plan have failed: their households may be paid again."""
    response.headers["Location"] = f"/payment-plans/{plan_id}/confirmed-rejections"
    return ConfirmedRejectionOut.model_validate(await commands.confirm_rejections(unit, plan_id, body.reason))


@router.get("/payment-plans/{plan_id}/confirmed-rejections")
async def list_confirmed_rejections(unit: Reader, plan_id: UUID) -> list[ConfirmedRejectionOut]:
    """List the confirmations of rejected payments of a plan, the oldest first."""
    await unit.get(PaymentPlan, plan_id)
    query = select(ConfirmedRejection).where(ConfirmedRejection.root == plan_id)
    found = await unit.session.scalars(query.order_by(ConfirmedRejection.created, ConfirmedRejection.id))
    return [ConfirmedRejectionOut.model_validate(each) for each in found]
