"""The page of the queue: give a number, call the next one, and end each visit."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)
MOST = "200"
STEPS: Mapping[str, str] = {
    "called": mark("The number is called."),
    "waiting": mark("The number waits again."),
    "served": mark("The visit has ended."),
    "left": mark("The number has left the queue."),
}


@router.get("/queue")
async def choose_centre(visitor: Officer) -> Response:
    """Show the agency's open centres, or the queue of the only one."""
    listed = await visitor.services.get("intake", "/centres", is_open="true", limit=MOST)
    centres = listed["items"]
    if len(centres) == 1:
        return await visitor.go(f"/queue/{centres[0]['centre_id']}")
    return await visitor.page("queue_centres.html", centres=centres)


@router.get("/queue/{centre_id}")
async def show_queue(visitor: Officer, centre_id: UUID) -> Response:
    """Show the queue of today: numbers and never names, since others see this screen."""
    return await _show(visitor, centre_id)


async def _show(visitor: Officer, centre_id: UUID, problem: ServiceProblem | None = None) -> Response:
    centre = await visitor.services.get("intake", f"/centres/{centre_id}")
    queue = await visitor.services.get("intake", f"/centres/{centre_id}/queue")
    days = await visitor.services.get("intake", f"/centres/{centre_id}/queue-days")
    groups = [
        (mark("Called"), [each for each in queue["items"] if each["state"] == "called"]),
        (mark("Waiting"), [each for each in queue["items"] if each["state"] == "waiting"]),
    ]
    return await visitor.page(
        "queue.html",
        status=409 if problem else 200,
        centre=centre,
        queue=queue,
        days=days["items"][:7],
        groups=groups,
        problem=problem,
    )


@router.post("/queue/{centre_id}/arrive")
async def arrive(visitor: Officer, centre_id: UUID) -> Response:
    """Give the next number, and show it large for the person."""
    try:
        ticket = await visitor.services.post("intake", f"/centres/{centre_id}/queue", {}, key=visitor.key)
    except ServiceProblem as problem:
        if problem.status == 404:
            raise
        return await _show(visitor, centre_id, problem)
    return await visitor.go(f"/queue/{centre_id}/numbers/{ticket['ticket_id']}")


@router.get("/queue/{centre_id}/numbers/{ticket_id}")
async def show_number(visitor: Officer, centre_id: UUID, ticket_id: UUID) -> Response:
    """Show a number for the person who has it."""
    ticket = await visitor.services.get("intake", f"/queue-tickets/{ticket_id}")
    centre = await visitor.services.get("intake", f"/centres/{centre_id}")
    return await visitor.page("queue_number.html", ticket=ticket, centre=centre)


@router.post("/queue/{centre_id}/next")
async def call_next(visitor: Officer, centre_id: UUID) -> Response:
    """Call the number that has waited longest."""
    return await _move(visitor, centre_id, f"/centres/{centre_id}/queue/next", STEPS["called"])


@router.post("/queue/{centre_id}/numbers/{ticket_id}/{step}")
async def take_step(visitor: Officer, centre_id: UUID, ticket_id: UUID, step: str) -> Response:
    """Call a number out of order, put it back, or end it."""
    if step not in STEPS:
        return await visitor.go(f"/queue/{centre_id}")
    return await _move(visitor, centre_id, f"/queue-tickets/{ticket_id}/state", STEPS[step], {"to": step})


async def _move(
    visitor: Officer, centre_id: UUID, path: str, notice: str, body: Mapping[str, str] | None = None
) -> Response:
    try:
        await visitor.services.post("intake", path, body, key=visitor.key)
    except ServiceProblem as problem:
        if problem.status == 404:
            raise
        return await _show(visitor, centre_id, problem)
    return await visitor.go(f"/queue/{centre_id}", notice)
