"""Reads and writes of all payments of a plan at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import text

from cash.delivery.payment_plans.statements import (
    ADD_PAYMENTS,
    CONTENT_HASH,
    PAYMENT_PROFILES,
    PLANNED_TOTALS,
)

BATCH_SIZE = 10_000
WORK_MEMORY = text("SET LOCAL work_mem = '64MB'")


class PlannedPayment(NamedTuple):
    """A planned payment with the stored profile of its household; None where the consent has ended.

    `account_version` is that of the household's account, `excluded` the reason why it must not be paid now.
    """

    id: UUID
    account_version: int
    profile: Mapping[str, Any] | None
    excluded: str | None


class PlannedTotals(NamedTuple):
    """The number and the sum (in minor units) of a plan's payments, and the number of enrolled households."""

    payments: int
    total: int
    enrolled: int


async def raise_work_memory(unit: UnitOfWork) -> None:
    """Let the statements of this unit sort and compare a plan's payments in memory, not on disk."""
    await unit.session.execute(WORK_MEMORY)


async def add_payments(unit: UnitOfWork, plan: UUID) -> None:
    """Add a payment for each enrolled household with a known account that has none in this cycle and purpose."""
    await unit.session.execute(ADD_PAYMENTS, {"plan": plan})


async def payment_profiles(unit: UnitOfWork, plan: UUID) -> AsyncIterator[Sequence[PlannedPayment]]:
    """Yield the planned payments in batches, as they were when the first batch was read."""
    rows = await unit.session.stream(
        PAYMENT_PROFILES, {"plan": plan}, execution_options={"yield_per": BATCH_SIZE}
    )
    async for batch in rows.partitions():
        yield [PlannedPayment(*row) for row in batch]


async def planned_totals(unit: UnitOfWork, plan: UUID) -> PlannedTotals:
    """Count and sum the planned payments."""
    return PlannedTotals(*(await unit.session.execute(PLANNED_TOTALS, {"plan": plan})).one())


async def content_hash(unit: UnitOfWork, plan: UUID) -> str:
    """Return the SHA-256 of the planned payments as they are now (docs/using/payment-plans.md)."""
    return str(await unit.session.scalar(CONTENT_HASH, {"plan": plan}))
