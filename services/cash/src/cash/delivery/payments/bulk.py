"""Changes of many payments at once, each in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.delivery.payments.records import CalculationRecord
from cash.delivery.payments.rules import PaymentState
from cash.delivery.payments.statements import (
    CHANGE_STATE,
    COUNT_UNFINISHED,
    LOCK_PAYMENTS,
    RECORD_STATUS_CHANGES,
    SET_ENTITLEMENTS,
)


class Entitlement(NamedTuple):
    """The amount of a payment in minor units, the account's version and the calculation; `reason` where it is zero."""

    payment: UUID
    account_version: int
    amount: int
    calculation: CalculationRecord
    reason: str | None


class LockedPayment(NamedTuple):
    """A payment of the acting agency, locked until the end of the transaction."""

    id: UUID
    plan: UUID
    household_id: UUID
    programme_id: UUID
    registered_by: UUID
    amount: int
    currency: str
    state: PaymentState
    reason: str | None


class StatusChange(NamedTuple):
    """The new state of a payment. `delivered_amount` is in minor units; `reason` is a code, usually the provider's."""

    payment: UUID
    state: PaymentState
    delivered_amount: int
    reason: str | None


async def set_entitlements(unit: UnitOfWork, entitlements: Sequence[Entitlement]) -> None:
    """Write the amounts of payments. A payment whose amount is zero is cancelled."""
    if entitlements:
        parameters = {
            "ids": [each.payment for each in entitlements],
            "account_versions": [each.account_version for each in entitlements],
            "amounts": [each.amount for each in entitlements],
            "calculations": [each.calculation.model_dump_json() for each in entitlements],
            "reasons": [each.reason for each in entitlements],
        }
        await unit.session.execute(SET_ENTITLEMENTS, parameters)


async def change_state(unit: UnitOfWork, plan: UUID, before: PaymentState, after: PaymentState) -> None:
    """Change the state of all payments of a plan that are in the state `before`."""
    await unit.session.execute(CHANGE_STATE, {"plan": plan, "before": before, "after": after})


async def record_status_changes(unit: UnitOfWork, changes: Sequence[StatusChange]) -> None:
    """Write the new states of payments."""
    if changes:
        parameters = {
            "ids": [each.payment for each in changes],
            "states": [each.state for each in changes],
            "delivered_amounts": [each.delivered_amount for each in changes],
            "reasons": [each.reason for each in changes],
        }
        await unit.session.execute(RECORD_STATUS_CHANGES, parameters)


async def lock_payments(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, LockedPayment]:
    """Lock payments of the acting agency in one order, and return them by id. Others are left out."""
    rows = await unit.session.execute(LOCK_PAYMENTS, {"agency": unit.principal.agency, "ids": list(ids)})
    payments = (LockedPayment(*row) for row in rows)
    return {each.id: each._replace(state=PaymentState(each.state)) for each in payments}


async def count_unfinished(unit: UnitOfWork, plan: UUID) -> int:
    """Return the number of a plan's payments that may still be delivered or fail."""
    return await unit.session.scalar(COUNT_UNFINISHED, {"plan": plan}) or 0
