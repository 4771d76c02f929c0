"""The page of a person, with everything that the desk knows and has done."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import MOST, full_name, part, person_of, shown_referrals

router = APIRouter(include_in_schema=False)


@router.get("/people/{person_id}")
async def show_person(visitor: Officer, person_id: UUID) -> Response:
    """Show a person, their household, needs, referrals, consents and timeline."""
    person = await person_of(visitor, person_id)
    call, path = visitor.services.get, f"/people/{person_id}"
    household, needs, consents, timeline, sent = await asyncio.gather(
        part(call("intake", f"/households/{person['household_id']}")),
        part(call("intake", f"{path}/needs")),
        part(call("intake", f"{path}/consents")),
        part(call("intake", f"{path}/timeline", limit=MOST)),
        part(call("referrals", "/referrals", person_id=str(person_id), limit=MOST)),
    )
    return await visitor.page(
        "person.html",
        person=person,
        name=full_name(person["identity"]),
        household=household,
        needs=needs,
        consents=consents,
        timeline=None if timeline is None else timeline["items"],
        referrals=None if sent is None else await shown_referrals(visitor, sent["items"]),
    )
