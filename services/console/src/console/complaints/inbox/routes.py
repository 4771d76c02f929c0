"""The lists of complaints, the page of one, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from solidary.language.country import load_pack
from solidary.platform.identity import Duty
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import CIRCLE, HANDLERS, AnyVisitor
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark
from console.interface.language.labels import label

router = APIRouter(include_in_schema=False)
Sort = Literal["complaints", "restricted-complaints"]
MOST = "200"
COLOURS = {"received": "govuk-tag--yellow", "appealed": "govuk-tag--yellow", "closed": "govuk-tag--grey"}
STEPS: Mapping[str, str] = {
    "take": mark("You took the complaint in hand."),
    "close": mark("The complaint is closed."),
}
ANSWER = Field(
    "text",
    mark("Answer"),
    "/text",
    "textarea",
    hint=mark("The person reads these words with their code."),
    required=mark("Write the answer."),
)


def _add_routes(sort: Sort, *duties: Duty) -> None:
    """Add the pages of one of the two sorts, for these duties."""

    @router.get(f"/{sort}")
    async def show_complaints(visitor: AnyVisitor) -> Response:
        """Show the complaints: those without an answer by their day, then the others."""
        visitor.require(*duties)
        return await _list(visitor, sort)

    @router.get(f"/{sort}/{{complaint_id}}")
    async def show_complaint(visitor: AnyVisitor, complaint_id: UUID) -> Response:
        """Show a complaint with its history."""
        visitor.require(*duties)
        return await _show(visitor, sort, complaint_id, Form((ANSWER,)))

    @router.post(f"/{sort}/{{complaint_id}}/{{step}}")
    async def take_step(visitor: AnyVisitor, complaint_id: UUID, step: str) -> Response:
        """Take, answer or close a complaint, or hand it to the restricted circle."""
        visitor.require(*duties)
        return await _take_step(visitor, sort, complaint_id, step)


_add_routes("complaints", *HANDLERS)
_add_routes("restricted-complaints", *CIRCLE)


async def _list(visitor: AnyVisitor, sort: Sort) -> Response:
    listed = await visitor.services.get("intake", f"/{sort}", limit=MOST)
    centres = await _centres(visitor)
    items = [_shown(each, centres) for each in listed["items"]]
    waiting = sorted((each for each in items if each["is_waiting"]), key=lambda each: str(each["answer_by"]))
    others = [each for each in items if not each["is_waiting"]]
    groups = [
        (mark("To be answered"), waiting, mark("Everything is answered.")),
        (mark("Answered and closed"), others, mark("There is none yet.")),
    ]
    return await visitor.page("complaints.html", groups=groups, sort=sort)


async def _show(visitor: AnyVisitor, sort: Sort, complaint_id: UUID, form: Form) -> Response:
    found = await visitor.services.get("intake", f"/{sort}/{complaint_id}")
    complaint = _shown(found, await _centres(visitor))
    is_answer = form.fields[0].name == ANSWER.name
    return await visitor.form_page(
        "complaint.html",
        form,
        complaint=complaint,
        sort=sort,
        answer=form if is_answer else Form((ANSWER,)),
        restriction=_restriction(visitor) if is_answer else form,
    )


async def _take_step(visitor: AnyVisitor, sort: Sort, complaint_id: UUID, step: str) -> Response:
    page, body = f"/{sort}/{complaint_id}", None
    form = Form((ANSWER,))
    if step == "answer":
        form.read(visitor.form)
        body = form.body()
    elif step == "restriction" and sort == "complaints":
        form = _restriction(visitor)
        form.read(visitor.form)
        body = form.body()
    elif step not in STEPS:
        return await visitor.go(page)
    if form.is_faulty:
        return await _show(visitor, sort, complaint_id, form)
    try:
        await visitor.services.post("intake", f"{page}/{step}", body)
    except ServiceProblem as problem:
        if problem.status == 404:
            raise
        form.take_problem(problem)
        return await _show(visitor, sort, complaint_id, form)
    if step == "restriction":
        return await visitor.go("/complaints", mark("The complaint is with the restricted circle."))
    return await visitor.go(page, STEPS.get(step, mark("The answer is recorded.")))


def _restriction(visitor: AnyVisitor) -> Form:
    kinds = load_pack(visitor.country).complaints.kinds
    choices = [
        Choice(code, label("complaint_kind", code, visitor.language, visitor.country))
        for code, kind in kinds.items()
        if kind.sensitive
    ]
    required = mark("Choose what it is about.")
    return Form(
        (Field("kind", mark("What is it about?"), "/kind", "radios", choices=choices, required=required),)
    )


async def _centres(visitor: AnyVisitor) -> dict[str, str]:
    try:
        listed = await visitor.services.get("intake", "/centres", limit=MOST)
    except ServiceProblem:
        return {}
    return {each["centre_id"]: each["name"] for each in listed["items"]}


def _shown(complaint: Mapping[str, Any], centres: Mapping[str, str]) -> dict[str, Any]:
    is_waiting = complaint["state"] not in ("answered", "closed")
    return {
        **complaint,
        "centre": centres.get(complaint["centre_id"], ""),
        "colour": COLOURS.get(complaint["state"], ""),
        "is_waiting": is_waiting,
        "is_late": is_waiting and date.fromisoformat(complaint["answer_by"]) < date.today(),
    }
