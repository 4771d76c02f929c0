"""The HTTP API of payment controls."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.targeting.controls import commands
from cash.targeting.controls.models import (
    DEFAULT_REST_DAYS,
    PaymentControl,
    control_in_force,
    least_tiers_of,
)
from cash.targeting.controls.schemas import PaymentControlIn, PaymentControlOut
from cash.targeting.programmes.schemas import ApprovalTierIn

router = APIRouter(tags=["payment controls"], dependencies=IDEMPOTENCY_REQUIRED)
Controller = Annotated[UnitOfWork, agency(Duty.CASH_CONTROLLER)]
Reader = Annotated[
    UnitOfWork,
    agency(Duty.CASH_CONTROLLER, Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR),
]


@router.get("/payment-controls")
async def read_payment_controls(unit: Reader) -> PaymentControlOut:
    """Read what your agency demands of all its programmes."""
    return await _control_out(unit, await control_in_force(unit))


@router.post("/payment-controls", status_code=201)
async def set_payment_controls(
    unit: Controller, body: PaymentControlIn, response: Response
) -> PaymentControlOut:
    """Set what your agency demands of all its programmes, as somebody who makes and approves no plan."""
    response.headers["Location"] = "/payment-controls"
    return await _control_out(unit, await commands.set_control(unit, body))


async def _control_out(unit: UnitOfWork, control: PaymentControl | None) -> PaymentControlOut:
    return PaymentControlOut(
        account_rest_days=control.account_rest_days if control else DEFAULT_REST_DAYS,
        least_tiers=[ApprovalTierIn.of(tier) for tier in await least_tiers_of(unit, control)],
        set_by=control.set_by if control else None,
        created=control.created if control else None,
    )
