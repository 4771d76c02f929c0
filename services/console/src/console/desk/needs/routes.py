"""The form in which the desk records a need; it offers ordinary needs only."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from solidary.language.codes.specific_needs import load_specific_needs
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import full_name, person_of
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark
from console.interface.language.labels import OWN, label

router = APIRouter(include_in_schema=False)


def fields(visitor: Officer) -> tuple[Field, ...]:
    """Return the entries of a need. A restricted code is never offered: a protection officer records it."""
    codes = load_specific_needs().suggestible_codes()
    needs = sorted(
        (Choice(code, label("need", code, visitor.language, visitor.country)) for code in codes),
        key=lambda each: each.text.casefold(),
    )
    severities = [Choice(code, visitor.translate(text)) for code, text in OWN["severity"].items()]
    return (
        Field("code", mark("Need"), "/code", "select", choices=needs, required=mark("Choose the need.")),
        Field("severity", mark("Severity"), "/severity", "radios", choices=severities),
    )


async def _show(visitor: Officer, person_id: UUID, form: Form) -> Response:
    person = await person_of(visitor, person_id)
    return await visitor.form_page(
        "form.html",
        form,
        caption=full_name(person["identity"]),
        heading=mark("Record a need"),
        intro=mark(
            "Record what the person reports to you. About violence, torture or a child alone ask nothing: "
            "call a protection officer."
        ),
        submit=mark("Record the need"),
        back=f"/people/{person_id}",
    )


@router.get("/people/{person_id}/needs/new")
async def show_form(visitor: Officer, person_id: UUID) -> Response:
    """Show the form."""
    return await _show(visitor, person_id, Form(fields(visitor), {"severity": "medium"}))


@router.post("/people/{person_id}/needs/new")
async def record_need(visitor: Officer, person_id: UUID) -> Response:
    """Record the need."""
    form = Form(fields(visitor))
    form.read(visitor.form)
    if form.is_faulty:
        return await _show(visitor, person_id, form)
    try:
        await visitor.services.post("intake", f"/people/{person_id}/needs", form.body(), key=visitor.key)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, person_id, form)
    return await visitor.go(f"/people/{person_id}#needs", mark("The need is recorded."))
