"""HTTP of payments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payments.models import Payment
from cash.delivery.payments.schemas import PaymentOut

router = APIRouter(tags=["payments"])
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


@router.get("/payment-plans/{plan_id}/payments")
async def list_(unit: Reader, plan_id: UUID, cursor: Annotated[Cursor, Depends()]) -> Page[PaymentOut]:
    """A plan's payments, the newest first."""
    await unit.get(PaymentPlan, plan_id)
    query = select(Payment).where(Payment.root == plan_id)
    return await page_of(unit.session, query, cursor, PaymentOut.model_validate, by=Payment)


@router.get("/payments/{payment_id}")
async def read(unit: Reader, payment_id: UUID) -> PaymentOut:
    """One payment."""
    return PaymentOut.model_validate(await unit.get(Payment, payment_id))
