"""The HTTP API of reviews."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from cash.delivery.reviews import commands, queries
from cash.delivery.reviews.schemas import FlagDecisionsIn, ReviewOut
from cash.idempotency_required import IDEMPOTENCY_REQUIRED

router = APIRouter(tags=["reviews"], dependencies=IDEMPOTENCY_REQUIRED)
Checker = Annotated[UnitOfWork, agency(Duty.CASH_CHECKER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


@router.get("/payment-plans/{plan_id}/review")
async def read_review(unit: Reader, plan_id: UUID) -> ReviewOut:
    """Read all that a checker signs: debtor, rule, tiers, makers, flagged payments, differences to the last plan."""
    return await queries.review_of(unit, plan_id)


@router.post("/payment-plans/{plan_id}/flag-decisions", status_code=201)
async def decide_flags(unit: Checker, plan_id: UUID, body: FlagDecisionsIn, response: Response) -> ReviewOut:
    """Decide on flagged payments, each with a reason, as somebody who did not make the plan.

    A payment that is to be left out is left out when the plan is rejected and its amounts are computed again.
    """
    response.headers["Location"] = f"/payment-plans/{plan_id}/review"
    await commands.decide(unit, plan_id, body.decisions)
    return await queries.review_of(unit, plan_id)
