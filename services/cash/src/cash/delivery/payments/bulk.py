"""Changes of many payments at once, each in one statement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.database.arrays import array_literal
from sqlalchemy import ColumnElement, LargeBinary, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from cash.delivery.payments.content import PaymentLine
from cash.delivery.payments.models import Payment
from cash.delivery.payments.records import CalculationRecord
from cash.delivery.payments.rules import PaymentState
from cash.delivery.payments.statements import (
    CHANGE_STATE,
    CONFIRM_REJECTIONS,
    COUNT_UNFINISHED,
    LOCK_PAYMENTS,
    LOCK_REJECTED,
    RECORD_STATUS_CHANGES,
    SET_ENTITLEMENTS,
)


class Outcome(NamedTuple):
    """The amount of equal households in minor units, and its calculation; `reason` where it is zero."""

    amount: int
    calculation: CalculationRecord
    reason: str | None


class Entitlement(NamedTuple):
    """The outcome for a payment, as a place in the list of outcomes, and the version of the account to be paid."""

    payment: UUID
    account_version: int
    outcome: int


class LockedPayment(NamedTuple):
    """A payment of the acting agency, locked until the end. `order` is the message id of its order."""

    id: UUID
    plan: UUID
    enrolment_id: UUID
    registered_by: UUID
    amount: int
    currency: str
    state: PaymentState
    reason: str | None
    delivered_amount: int
    order: str | None


class StatusChange(NamedTuple):
    """The new state of a payment. `delivered_amount` is in minor units; `reason` is a code, usually the provider's."""

    payment: UUID
    state: PaymentState
    delivered_amount: int
    reason: str | None


async def set_entitlements(
    unit: UnitOfWork, plan: UUID, entitlements: Sequence[Entitlement], outcomes: Sequence[Outcome]
) -> None:
    """Write the amounts of a plan's payments. A payment whose amount is zero is cancelled.

    A calculation is written once, for all payments that have it.
    """
    parameters = {
        "plan": plan,
        "ids": array_literal(each.payment for each in entitlements),
        "account_versions": array_literal(each.account_version for each in entitlements),
        "outcomes": array_literal(each.outcome + 1 for each in entitlements),
        "amounts": array_literal(each.amount for each in outcomes),
        "calculations": [each.calculation.model_dump_json() for each in outcomes],
        "reasons": [each.reason for each in outcomes],
    }
    await unit.session.execute(SET_ENTITLEMENTS, parameters)


async def change_state(unit: UnitOfWork, plan: UUID, before: PaymentState, after: PaymentState) -> None:
    """Change the state of all payments of a plan that are in the state `before`."""
    await unit.session.execute(CHANGE_STATE, {"plan": plan, "before": before, "after": after})


async def record_status_changes(
    unit: UnitOfWork, changes: Sequence[StatusChange], report: UUID | None = None
) -> None:
    """Write the new states of payments. `report` is that of the provider that brought them."""
    if changes:
        parameters = {
            "ids": [each.payment for each in changes],
            "states": [each.state for each in changes],
            "delivered_amounts": [each.delivered_amount for each in changes],
            "reasons": [each.reason for each in changes],
            "report": report,
        }
        await unit.session.execute(RECORD_STATUS_CHANGES, parameters)


async def lock_payments(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, LockedPayment]:
    """Lock payments of the acting agency in one order, and return them by id. Others are left out."""
    rows = await unit.session.execute(LOCK_PAYMENTS, {"agency": unit.principal.agency, "ids": list(ids)})
    payments = (LockedPayment(*row) for row in rows)
    return {each.id: each._replace(state=PaymentState(each.state)) for each in payments}


CONTENT_COLUMNS = (
    Payment.id,
    Payment.household_id,
    Payment.collector,
    Payment.cycle,
    Payment.purpose,
    Payment.fsp,
    Payment.account_reference,
    Payment.account_version,
    Payment.amount,
    Payment.currency,
)


class PaymentToOrder(NamedTuple):
    """A payment to be written into an order. `line` is what an approval is bound to; `amount` is in minor units."""

    id: UUID
    account_reference: UUID
    account_version: int
    amount: int
    currency: str
    line: PaymentLine


async def payments_to_order(
    unit: UnitOfWork, size: int, *conditions: ColumnElement[bool]
) -> AsyncIterator[list[PaymentToOrder]]:
    """Yield the payments that meet the conditions by their ids, in batches, as they were when the first was read."""
    query = select(*CONTENT_COLUMNS).where(*conditions).order_by(Payment.id)
    rows = await unit.session.stream(query.execution_options(yield_per=size))
    async for batch in rows.partitions():
        yield [
            PaymentToOrder(
                row.id,
                row.account_reference,
                row.account_version,
                row.amount,
                row.currency,
                PaymentLine(
                    payment=str(row.id),
                    household=str(row.household_id),
                    collector=str(row.collector),
                    cycle=row.cycle,
                    purpose=row.purpose,
                    fsp=row.fsp,
                    account_reference=str(row.account_reference),
                    account_version=row.account_version,
                    amount=row.amount,
                    currency=row.currency,
                ),
            )
            for row in batch
        ]


async def digests_to_order(unit: UnitOfWork, size: int, *conditions: ColumnElement[bool]) -> list[bytes]:
    """Return the digest of each batch that `payments_to_order` yields: the SHA-256 of its payments and packages."""
    place: Any = func.row_number().over(order_by=Payment.id) - 1
    pair = func.uuid_send(Payment.id, type_=LargeBinary).concat(func.uuid_send(Payment.account_reference))
    ordered = (
        select(Payment.id, pair.label("pair"), (place // size).label("batch")).where(*conditions).subquery()
    )
    joined = func.string_agg(ordered.c.pair, aggregate_order_by(literal(b""), ordered.c.id))
    query = select(func.sha256(joined)).group_by(ordered.c.batch).order_by(ordered.c.batch)
    return [bytes(digest) for digest in await unit.session.scalars(query)]


async def count_unfinished(unit: UnitOfWork, plan: UUID) -> int:
    """Return the number of a plan's payments that may still be delivered or fail."""
    return await unit.session.scalar(COUNT_UNFINISHED, {"plan": plan}) or 0


class RejectedPayment(NamedTuple):
    """A payment that the provider rejected, locked until the end of the transaction. `reason` is its code."""

    id: UUID
    enrolment_id: UUID
    registered_by: UUID
    reason: str | None


async def lock_rejected(unit: UnitOfWork, plan: UUID) -> list[RejectedPayment]:
    """Lock the rejected payments of a plan in one order, and return them."""
    return [RejectedPayment(*row) for row in await unit.session.execute(LOCK_REJECTED, {"plan": plan})]


async def confirm_rejections(unit: UnitOfWork, plan: UUID, confirmation: UUID) -> None:
    """Record that the rejected payments of a plan have failed."""
    await unit.session.execute(CONFIRM_REJECTIONS, {"plan": plan, "confirmation": confirmation})
