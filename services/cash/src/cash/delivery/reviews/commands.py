"""The decisions on flagged payments."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork

from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.reviews.bulk import flagged_payments
from cash.delivery.reviews.models import FlaggedPaymentDecision
from cash.delivery.reviews.schemas import FlagDecisionIn


async def decide(unit: UnitOfWork, plan_id: UUID, decisions: list[FlagDecisionIn]) -> None:
    """Record decisions on flagged payments. The database refuses the makers of the plan.

    Raises NotFound, also for a payment that does not have the flag.
    """
    await unit.get(PaymentPlan, plan_id)
    flagged = {(each.payment_id, each.flag) for each in await flagged_payments(unit, plan_id)}
    for each in decisions:
        if (each.payment_id, each.flag) not in flagged:
            raise NotFound(f"There is no payment {each.payment_id} of this plan with the flag {each.flag}.")
    unit.add(
        *(
            FlaggedPaymentDecision(
                root=plan_id,
                payment_id=each.payment_id,
                flag=each.flag,
                decision=each.decision,
                reason=each.reason,
            )
            for each in decisions
        )
    )
    await unit.flush()
