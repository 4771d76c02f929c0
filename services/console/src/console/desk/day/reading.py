"""The lists of the services from which an officer's day is made, all asked for at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from console.accounts.visitors.visitor import Visitor
from console.desk.day.rules import SOON, Section, day_sections
from console.desk.people.reading import MOST, part, shown_referrals

SHOWN = 5
"""The items of a kind that the start page shows."""
FEW = str(SHOWN + 1)
"""Enough to know that there are more. Each person on a list is logged."""


async def read_day(visitor: Visitor) -> list[Section]:
    """Return what the visitor is to do next."""
    get, now = visitor.services.get, datetime.now(UTC)
    soon = (now + SOON).isoformat()

    async def items(service: str, path: str, **params: str) -> Any:
        found = await part(get(service, path, **params))
        return None if found is None else found["items"]

    async def sent(state: str) -> Any:
        found = await items("referrals", "/referrals", state=state, limit=MOST)
        return None if found is None else await shown_referrals(visitor, found)

    waiting, rejected, needs, procedures, consents, provisional = await asyncio.gather(
        sent("requested"),
        sent("rejected"),
        items("intake", "/needs", state="open", limit=MOST),
        items("intake", "/procedures", limit=MOST),
        items("intake", "/consents", state="granted", ends_before=soon, limit=MOST),
        items("intake", "/people", state="provisional", limit=FEW),
    )
    return day_sections(
        waiting=waiting,
        rejected=rejected,
        needs=needs,
        procedures=procedures,
        consents=consents,
        provisional=provisional,
        now=now,
    )
