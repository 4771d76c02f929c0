"""Reads and writes of many payments of a report at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.delivery.status_reports.rules import BookedEntry
from cash.delivery.status_reports.statements import ADD_ENTRIES, BOOKED_ENTRIES, ORDERED_PAYMENTS


async def booked_entries(
    unit: UnitOfWork, report: UUID, payments: Sequence[UUID]
) -> Mapping[UUID, list[BookedEntry]]:
    """Return the entries that earlier files, or earlier batches of this one, applied to payments."""
    entries: defaultdict[UUID, list[BookedEntry]] = defaultdict(list)
    if payments:
        rows = await unit.session.execute(BOOKED_ENTRIES, {"report": report, "payments": list(payments)})
        for payment, *entry in rows:
            entries[payment].append(BookedEntry(*entry))
    return entries


async def add_entries(unit: UnitOfWork, report: UUID, entries: Sequence[tuple[UUID, BookedEntry]]) -> None:
    """Record the entries of a report that were applied."""
    if entries:
        parameters = {
            "report": report,
            "payments": [payment for payment, _ in entries],
            "messages": [entry.message for _, entry in entries],
            "kinds": [entry.kind for _, entry in entries],
            "bookings": [entry.booking for _, entry in entries],
        }
        await unit.session.execute(ADD_ENTRIES, parameters)


async def ordered_payments(unit: UnitOfWork, plan: UUID, after: UUID, limit: int) -> list[UUID]:
    """Return the ids of the next payments in a plan's order."""
    parameters = {"plan": plan, "after": after, "limit": limit}
    return list(await unit.session.scalars(ORDERED_PAYMENTS, parameters))
