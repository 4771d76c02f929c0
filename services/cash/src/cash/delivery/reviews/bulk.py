"""The flagged payments of a plan, read at once."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.delivery.reviews.rules import Flag, FlagDecision
from cash.delivery.reviews.statements import FLAGGED_PAYMENTS


class FlaggedPayment(NamedTuple):
    """A payment that needs a decision, and the newest decision on it."""

    payment_id: UUID
    flag: Flag
    decision: FlagDecision | None
    reason: str | None
    decided_by: UUID | None


async def flagged_payments(unit: UnitOfWork, plan_id: UUID) -> list[FlaggedPayment]:
    """Return the flagged payments of a plan, the undecided ones first."""
    return [
        FlaggedPayment(
            row.payment_id,
            Flag(row.flag),
            None if row.decision is None else FlagDecision(row.decision),
            row.reason,
            row.decided_by,
        )
        for row in await unit.session.execute(FLAGGED_PAYMENTS, {"plan": plan_id})
    ]
