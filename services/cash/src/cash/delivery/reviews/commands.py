"""The decisions on flagged payments."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Fault, Invalid, json_pointer
from solidary.platform.database import UnitOfWork

from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.reviews.bulk import flagged_payments
from cash.delivery.reviews.models import FlaggedPaymentDecision
from cash.delivery.reviews.schemas import FlagDecisionIn


async def decide(unit: UnitOfWork, plan_id: UUID, decisions: list[FlagDecisionIn]) -> None:
    """Record decisions on flagged payments. Whoever made the plan is refused by the database.

    Raises NotFound, and Invalid for a payment that does not have the flag.
    """
    await unit.get(PaymentPlan, plan_id)
    flagged = {(each.payment_id, each.flag) for each in await flagged_payments(unit, plan_id)}
    faults = [
        Fault(
            json_pointer(["decisions", str(place), "payment_id"]),
            "This payment of the plan has no such flag.",
        )
        for place, each in enumerate(decisions)
        if (each.payment_id, each.flag) not in flagged
    ]
    if faults:
        raise Invalid("A decision is on a payment that is not flagged.", *faults)
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
