"""The page of a person, with everything that the desk knows and has done."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import MOST, full_name, part, person_of, shown_referrals
from console.interface.language.labels import OWN

router = APIRouter(include_in_schema=False)
REASON_NEEDED: list[Any] = []
"""In place of the needs of somebody with whom the visitor does not work, until they state a reason."""


@router.get("/people/{person_id}")
async def show_person(visitor: Officer, person_id: UUID) -> Response:
    """Show a person, their household, needs, referrals, consents and timeline, all asked for at once."""
    call, path = visitor.services.get, f"/people/{person_id}"
    (person, household), needs, consents, timeline, referrals = await asyncio.gather(
        _person_with_household(visitor, person_id),
        _needs(visitor, person_id),
        part(call("intake", f"{path}/consents")),
        part(call("intake", f"{path}/timeline", limit=MOST)),
        part(_referrals(visitor, person_id)),
    )
    return await visitor.page(
        "person.html",
        person=person,
        name=full_name(person["identity"]),
        household=household,
        needs=needs,
        reason_needed=needs is REASON_NEEDED,
        reasons=OWN["access_reason"],
        consents=consents,
        timeline=None if timeline is None else timeline["items"],
        referrals=referrals,
    )


async def _needs(visitor: Officer, person_id: UUID) -> Any:
    try:
        return await part(visitor.services.get("intake", f"/people/{person_id}/needs"))
    except ServiceProblem as problem:
        if problem.slug == "need-to-know-missing":
            return REASON_NEEDED
        raise


async def _person_with_household(visitor: Officer, person_id: UUID) -> tuple[Any, Any]:
    person = await person_of(visitor, person_id)
    return person, await part(visitor.services.get("intake", f"/households/{person['household_id']}"))


async def _referrals(visitor: Officer, person_id: UUID) -> list[dict[str, Any]]:
    sent = await visitor.services.get("referrals", "/referrals", person_id=str(person_id), limit=MOST)
    return await shown_referrals(visitor, sent["items"])
