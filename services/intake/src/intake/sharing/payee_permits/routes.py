"""The route of permits, for cash that carries a releaser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import service_only

from intake.sharing.payee_permits import commands
from intake.sharing.payee_permits.schemas import PayeePermitIn, PayeePermitOut

router = APIRouter(tags=["disclosures"])
Releaser = Annotated[UnitOfWork, service_only("cash", duties=(Duty.CASH_RELEASER,), read_only=True)]


@router.post("/payee-permits", status_code=201)
async def record_payee_permit(unit: Releaser, body: PayeePermitIn) -> PayeePermitOut:
    """Record that a releaser takes a payment order: for a quarter of an hour cash may read each of its payees once.

    A repetition is another permit of the same person.
    """
    digests = [bytes.fromhex(digest) for digest in body.batches]
    return PayeePermitOut.model_validate(await commands.record_permit(unit, body.reference, digests))
