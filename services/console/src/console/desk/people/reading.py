"""The facts about a person that pages read, each part by itself: a page stands although one service is down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any
from uuid import UUID

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Visitor
from console.interface.language.catalogue import mark

COLOURS: Mapping[str, str] = {
    "requested": "govuk-tag--yellow",
    "accepted": "govuk-tag--blue",
    "in_progress": "govuk-tag--blue",
    "on_hold": "govuk-tag--purple",
    "completed": "govuk-tag--green",
    "rejected": "govuk-tag--red",
    "failed": "govuk-tag--red",
}
MOST = "200"


def full_name(identity: Mapping[str, Any]) -> str:
    """Return the whole name of a person."""
    parts = (identity.get(part) for part in ("given_name", "surname", "second_surname"))
    return " ".join(part for part in parts if part)


async def part(answer: Awaitable[Any]) -> Any:
    """Return a part of a page, or None where its service does not answer or the duty does not allow it."""
    try:
        return await answer
    except ServiceProblem as problem:
        if problem.slug == "need-to-know-missing":
            raise
        if problem.status in (403, 503) or problem.status >= 500:
            return None
        raise


async def person_of(visitor: Visitor, person_id: UUID) -> dict[str, Any]:
    """Return a person of the visitor's agency. Raises ServiceProblem (404) for any other."""
    found: dict[str, Any] = await visitor.services.get("intake", f"/people/{person_id}")
    return found


async def shown_referrals(visitor: Visitor, referrals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return referrals with the names of their services, and the colours of their states."""
    services = sorted({each["service_id"] for each in referrals if each.get("service_id")})
    entries = await asyncio.gather(*(_entry(visitor, service) for service in services))
    unknown = visitor.translate(mark("A service"))
    names = {
        service: entry["name"] if entry else unknown for service, entry in zip(services, entries, strict=True)
    }
    cash = visitor.translate(mark("Cash assistance"))
    return [
        {
            **each,
            "service_name": names.get(each.get("service_id") or "", cash),
            "colour": COLOURS.get(each["state"], "govuk-tag--grey"),
        }
        for each in referrals
    ]


async def _entry(visitor: Visitor, service: str) -> Any:
    """Return the entry of a service, shared or public, or None where it is neither any more."""
    for path in (f"/directory/services/{service}", f"/services/{service}"):
        try:
            return await visitor.services.get("referrals", path)
        except ServiceProblem:
            continue
    return None
