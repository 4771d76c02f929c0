"""Guidance on the country's legal pathways: what the officer explains, and the page that the person takes home."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.visitor import Officer

router = APIRouter(include_in_schema=False)


@router.get("/people/{person_id}/guidance")
async def show_pathways(visitor: Officer, person_id: UUID) -> Response:
    """Show the pathways with the person's own deadlines and warnings."""
    path = f"/people/{person_id}/pathways"
    pathways = await visitor.services.get("intake", path, language=visitor.language)
    return await visitor.page("pathways.html", pathways=pathways, back=f"/people/{person_id}")


@router.post("/people/{person_id}/guidance")
async def give_guidance(visitor: Officer, person_id: UUID) -> Response:
    """Record that a pathway was explained, and show the page to print."""
    body = {"pathway": str(visitor.form.get("pathway", "")), "language": visitor.language}
    path = f"/people/{person_id}/guidance"
    given = await visitor.services.post("intake", path, body, key=visitor.key)
    return await visitor.go(f"{path}/{given['guidance_id']}")


@router.get("/people/{person_id}/guidance/{guidance_id}")
async def show_guidance(visitor: Officer, person_id: UUID, guidance_id: UUID) -> Response:
    """Show guidance as it was given, for printing."""
    guidance = await visitor.services.get("intake", f"/people/{person_id}/guidance/{guidance_id}")
    return await visitor.page(
        "guidance.html", guidance=guidance, advice=guidance["advice"], back=f"/people/{person_id}"
    )
