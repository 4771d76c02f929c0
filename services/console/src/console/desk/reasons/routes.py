"""The reason that somebody states who is not assigned to a person; each access by it is logged with it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import person_of
from console.interface.language.labels import OWN

router = APIRouter(include_in_schema=False)
MOST_REASONS = 20


@router.post("/people/{person_id}/reason")
async def state_reason(visitor: Officer, person_id: UUID) -> Response:
    """Note the reason for the rest of the session."""
    await person_of(visitor, person_id)
    reason = str(visitor.form.get("reason", ""))
    if reason in OWN["access_reason"]:
        drafts = visitor.content.drafts
        reasons = {**drafts.get("reasons", {}), str(person_id): reason}
        newest = dict(list(reasons.items())[-MOST_REASONS:])
        await visitor.save(drafts={**drafts, "reasons": newest})
    return await visitor.go(f"/people/{person_id}#needs")
