"""The HTTP API of payments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from cash.delivery.payments.models import Payment
from cash.delivery.payments.schemas import PaymentOut

router = APIRouter(tags=["payments"])
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


@router.get("/payments/{payment_id}")
async def read_payment(unit: Reader, payment_id: UUID) -> PaymentOut:
    """Read one payment."""
    return PaymentOut.model_validate(await unit.get(Payment, payment_id))
