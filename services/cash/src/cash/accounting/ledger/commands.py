"""Movements of money, each as one statement however many payments it is for.

The database moves the balances, once per statement, and refuses what the rules of `books.py` refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import text

from cash.accounting.ledger.accounts import AVAILABLE, CLEARING, DELIVERED, FEES, GRANTED, PAYABLE
from cash.accounting.ledger.transfers import Code, Kind

OPEN = text(
    """
    INSERT INTO data.account (agency, root, currency, name)
    SELECT agency, id, :currency, name FROM data.budget_line, unnest(CAST(:names AS text[])) AS name
    WHERE id = :line ON CONFLICT ON CONSTRAINT account_name DO NOTHING
    """
)
SINGLE = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount)
    SELECT d.agency, d.root, :kind, :code, d.id, d.role, c.id, c.role, d.currency, :amount
    FROM data.account d JOIN data.account c USING (root, currency)
    WHERE d.root = :line AND d.currency = :currency AND d.name = :debit AND c.name = :credit
    """
)
RESERVE = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount, payment)
    SELECT d.agency, d.root, :kind, :code, d.id, d.role, c.id, c.role, d.currency, p.amount, p.id
    FROM data.account d JOIN data.account c USING (root, currency), data.payment p
    WHERE d.root = :line AND d.currency = :currency AND d.name = :debit AND c.name = :credit
        AND p.root = :plan AND p.state = 'planned'
    """
)
RESOLVE = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount, payment, pending)
    SELECT r.agency, r.root, o.kind, r.code, r.debit, r.debit_role, r.credit, r.credit_role, r.currency,
        coalesce(o.amount, r.amount), r.payment, r.id
    FROM unnest(CAST(:payments AS uuid[]), CAST(:kinds AS text[]), CAST(:amounts AS bigint[]))
            AS o (payment, kind, amount)
        JOIN LATERAL
            (SELECT * FROM data.transfer t WHERE t.payment = o.payment AND t.kind = 'pending' LIMIT 1) r ON true
    """
)
GIVE_BACK = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount, payment, pending)
    SELECT r.agency, r.root, :kind, r.code, r.debit, r.debit_role, r.credit, r.credit_role, r.currency,
        r.amount, r.payment, r.id
    FROM data.payment p JOIN LATERAL
        (SELECT * FROM data.transfer t WHERE t.payment = p.id AND t.kind = 'pending' LIMIT 1) r ON true
    WHERE p.root = :plan
    """
)
ONWARD = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount, payment)
    SELECT p.agency, p.root, :kind, :code, l.credit, l.credit_role, c.id, c.role, p.currency, p.amount, p.payment
    FROM unnest(CAST(:payments AS uuid[])) AS o (payment)
        JOIN LATERAL
            (SELECT * FROM data.transfer t WHERE t.payment = o.payment AND t.kind = 'post' LIMIT 1) p ON true
        JOIN LATERAL (
            SELECT credit, credit_role FROM data.transfer t
            WHERE t.payment = p.payment AND t.code IN ('payment', 'settlement') AND t.kind <> 'pending'
            ORDER BY t.code DESC LIMIT 1
        ) l ON true
        JOIN data.account c ON c.root = p.root AND c.currency = p.currency AND c.name = :credit
    WHERE NOT EXISTS
        (SELECT FROM data.transfer t WHERE t.payment = o.payment AND t.code IN (:code, 'late_return'))
    """
)
"""What was delivered goes on from wherever it stands now: from clearing, or from what is settled."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What becomes of a payment's reservation: posted (an amount, or all of it), or given back."""

    payment: UUID
    kind: Kind
    amount: int | None = None


def clearing(fsp: str) -> str:
    """The account of a provider's payments on their way."""
    return CLEARING.removesuffix("*") + fsp


async def grant(unit: UnitOfWork, line: UUID, currency: str, amount: int) -> None:
    """A new budget line: its accounts, and its money."""
    await _open(unit, line, currency, GRANTED, AVAILABLE, PAYABLE, DELIVERED, FEES)
    await unit.session.execute(
        SINGLE,
        {
            "line": line,
            "currency": currency,
            "kind": Kind.SINGLE,
            "code": Code.GRANT,
            "debit": GRANTED,
            "credit": AVAILABLE,
            "amount": amount,
        },
    )


async def reserve(unit: UnitOfWork, *, line: UUID, currency: str, fsp: str, plan: UUID) -> None:
    """Sets the money of a plan's payments aside. The database refuses more than the line has left."""
    await _open(unit, line, currency, clearing(fsp))
    await unit.session.execute(
        RESERVE,
        {
            "line": line,
            "currency": currency,
            "plan": plan,
            "kind": Kind.PENDING,
            "code": Code.PAYMENT,
            "debit": AVAILABLE,
            "credit": clearing(fsp),
        },
    )


async def resolve(unit: UnitOfWork, resolutions: Sequence[Resolution]) -> None:
    """Posts or gives back reservations, each once."""
    if resolutions:
        columns = {
            "payments": [each.payment for each in resolutions],
            "kinds": [str(each.kind) for each in resolutions],
            "amounts": [each.amount for each in resolutions],
        }
        await unit.session.execute(RESOLVE, columns)


async def give_back(unit: UnitOfWork, plan: UUID) -> None:
    """Voids all reservations of a plan that will not be paid."""
    await unit.session.execute(GIVE_BACK, {"plan": plan, "kind": Kind.VOID})


async def settle(unit: UnitOfWork, payments: Sequence[UUID]) -> None:
    """The provider's statement shows what was delivered; each payment once."""
    await _onward(unit, payments, Code.SETTLEMENT, DELIVERED)


async def come_back(unit: UnitOfWork, payments: Sequence[UUID]) -> None:
    """Delivered money that came back later: still owed to its households."""
    await _onward(unit, payments, Code.LATE_RETURN, PAYABLE)


async def _onward(unit: UnitOfWork, payments: Sequence[UUID], code: Code, credit: str) -> None:
    if payments:
        named = {"kind": Kind.SINGLE, "code": code, "credit": credit}
        await unit.session.execute(ONWARD, {"payments": list(payments), **named})


async def _open(unit: UnitOfWork, line: UUID, currency: str, *names: str) -> None:
    await unit.session.execute(OPEN, {"line": line, "currency": currency, "names": list(names)})
