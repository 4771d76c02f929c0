"""Movements of money, each as one statement for any number of payments.

The database updates the balances, once per statement, and refuses a movement that is not allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.accounting.ledger.rules import (
    AVAILABLE,
    DELIVERED,
    FEES,
    GRANTED,
    PAYABLE,
    TransferCode,
    TransferKind,
    clearing_account,
)
from cash.accounting.ledger.statements import (
    MOVE,
    MOVE_DELIVERED,
    OPEN_ACCOUNTS,
    RESERVE_PLAN,
    RESOLVE_RESERVATIONS,
    VOID_PLAN,
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The end of a payment's reservation: a post of `amount` (None: all of it), or a void."""

    payment: UUID
    kind: TransferKind
    amount: int | None = None


async def grant(unit: UnitOfWork, line: UUID, currency: str, amount: int) -> None:
    """Open the accounts of a new budget line and enter its money."""
    await _open_accounts(unit, line, currency, GRANTED, AVAILABLE, PAYABLE, DELIVERED, FEES)
    parameters = {
        "line": line,
        "currency": currency,
        "kind": TransferKind.SINGLE,
        "code": TransferCode.GRANT,
        "debit": GRANTED,
        "credit": AVAILABLE,
        "amount": amount,
    }
    await unit.session.execute(MOVE, parameters)


async def reserve_plan(unit: UnitOfWork, *, line: UUID, currency: str, fsp: str, plan: UUID) -> None:
    """Reserve the money of a plan's payments. The database refuses more than the budget line has left."""
    await _open_accounts(unit, line, currency, clearing_account(fsp))
    parameters = {
        "line": line,
        "currency": currency,
        "plan": plan,
        "kind": TransferKind.PENDING,
        "code": TransferCode.PAYMENT,
        "debit": AVAILABLE,
        "credit": clearing_account(fsp),
    }
    await unit.session.execute(RESERVE_PLAN, parameters)


async def resolve_reservations(unit: UnitOfWork, resolutions: Sequence[Resolution]) -> None:
    """Post or void reservations, each once."""
    if resolutions:
        columns = {
            "payments": [each.payment for each in resolutions],
            "kinds": [str(each.kind) for each in resolutions],
            "amounts": [each.amount for each in resolutions],
        }
        await unit.session.execute(RESOLVE_RESERVATIONS, columns)


async def void_plan(unit: UnitOfWork, plan: UUID) -> None:
    """Void all reservations of a plan that will not be paid."""
    await unit.session.execute(VOID_PLAN, {"plan": plan, "kind": TransferKind.VOID})


async def settle(unit: UnitOfWork, payments: Sequence[UUID]) -> None:
    """Record that a provider's statement shows these deliveries; each payment once."""
    await _move_delivered(unit, payments, TransferCode.SETTLEMENT, DELIVERED)


async def record_late_return(unit: UnitOfWork, payments: Sequence[UUID]) -> None:
    """Record that delivered money was returned: it is still owed to its households."""
    await _move_delivered(unit, payments, TransferCode.LATE_RETURN, PAYABLE)


async def _move_delivered(
    unit: UnitOfWork, payments: Sequence[UUID], code: TransferCode, credit: str
) -> None:
    if payments:
        parameters = {"kind": TransferKind.SINGLE, "code": code, "credit": credit}
        await unit.session.execute(MOVE_DELIVERED, {"payments": list(payments), **parameters})


async def _open_accounts(unit: UnitOfWork, line: UUID, currency: str, *names: str) -> None:
    parameters = {"line": line, "currency": currency, "names": list(names)}
    await unit.session.execute(OPEN_ACCOUNTS, parameters)
