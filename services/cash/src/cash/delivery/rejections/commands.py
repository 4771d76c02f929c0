"""The confirmation that rejected payments have failed."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.cash import PaymentFailed
from solidary.platform.database import UnitOfWork

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.accounting.ledger.rules import TransferKind
from cash.delivery.payment_plans.commands import reconcile
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payments import bulk as payments
from cash.delivery.rejections.models import ConfirmedRejection
from cash.problems import NothingRejected


async def confirm_rejections(unit: UnitOfWork, plan_id: UUID, reason: str) -> ConfirmedRejection:
    """Void the rejected payments of a plan, so that their households may be paid again.

    Raises NotFound, NothingRejected; the database refuses its reporter and those who made, released or ordered it.
    """
    await unit.get(PaymentPlan, plan_id)
    rejected = await payments.lock_rejected(unit, plan_id)
    if not rejected:
        raise NothingRejected
    confirmation = ConfirmedRejection(root=plan_id, payment_count=len(rejected), reason=reason)
    unit.add(confirmation)
    await unit.flush()
    await ledger.resolve_reservations(unit, [Resolution(each.id, TransferKind.VOID) for each in rejected])
    await payments.confirm_rejections(unit, plan_id, confirmation.id)
    for each in rejected:
        failed = PaymentFailed(
            payment_id=each.id,
            enrolment_id=each.enrolment_id,
            reason=each.reason,
        )
        unit.publish(failed, parties=[each.registered_by])
    await reconcile(unit, plan_id)
    return confirmation
