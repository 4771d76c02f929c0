"""Reads and writes of all payments of a plan at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.delivery.payment_plans.statements import (
    ADD_PAYMENTS,
    CONTENT_HASH,
    PAYMENT_PROFILES,
    PLANNED_TOTALS,
)
from cash.targeting.profiles.records import ProfileRecord

BATCH_SIZE = 5000


class PlannedPayment(NamedTuple):
    """A planned payment with its household's profile; None where the consent has ended.

    `excluded` is the reason why it must not be paid now.
    """

    id: UUID
    profile: ProfileRecord | None
    excluded: str | None


class PlannedTotals(NamedTuple):
    """The number and the sum (in minor units) of a plan's payments, and the number of enrolled households."""

    payments: int
    total: int
    enrolled: int


async def add_payments(unit: UnitOfWork, plan: UUID) -> None:
    """Add a payment for each enrolled household with a known account that has none in this cycle and purpose."""
    await unit.session.execute(ADD_PAYMENTS, {"plan": plan})


async def payment_profiles(unit: UnitOfWork, plan: UUID) -> AsyncIterator[list[PlannedPayment]]:
    """Yield the planned payments in batches."""
    after = UUID(int=0)
    while True:
        parameters = {"plan": plan, "after": after, "limit": BATCH_SIZE}
        rows = (await unit.session.execute(PAYMENT_PROFILES, parameters)).all()
        if not rows:
            return
        yield [
            PlannedPayment(
                row.id,
                None if row.profile is None else ProfileRecord.model_validate(row.profile),
                row.excluded,
            )
            for row in rows
        ]
        after = rows[-1].id


async def planned_totals(unit: UnitOfWork, plan: UUID) -> PlannedTotals:
    """Count and sum the planned payments."""
    return PlannedTotals(*(await unit.session.execute(PLANNED_TOTALS, {"plan": plan})).one())


async def content_hash(unit: UnitOfWork, plan: UUID) -> str:
    """Return the SHA-256 of the planned payments as they are now (docs/using/payment-plans.md)."""
    return str(await unit.session.scalar(CONTENT_HASH, {"plan": plan}))
