"""The form in which the desk files a complaint, and the receipt with the person's code."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.complaints.fields.entries import LANGUAGE_CODES, complaint_fields
from console.interface.forms.form import Form
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)


async def _form(visitor: Officer) -> Form:
    listed: dict[str, Any] = await visitor.services.get("intake", "/centres", is_open="true")
    return Form(complaint_fields(listed["items"], visitor.language, visitor.country))


async def _show(visitor: Officer, form: Form) -> Response:
    return await visitor.form_page(
        "form.html",
        form,
        heading=mark("File a complaint for a person"),
        intro=mark(
            "Write the person's own words, and read them back. Ask nothing that the person does not tell you, "
            "and keep no copy."
        ),
        submit=mark("File the complaint"),
        back="/",
    )


@router.get("/complaint-forms/new")
async def show_form(visitor: Officer) -> Response:
    """Show the form."""
    return await _show(visitor, await _form(visitor))


@router.post("/complaint-forms/new")
async def file_complaint(visitor: Officer) -> Response:
    """File the complaint and show its code, which no later page shows."""
    form = await _form(visitor)
    form.read(visitor.form)
    if form.is_faulty:
        return await _show(visitor, form)
    body = {
        "reference": visitor.key or str(uuid4()),
        "language": LANGUAGE_CODES[visitor.language],
        **form.body(),
    }
    try:
        receipt = await visitor.services.post("intake", "/complaints", body)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, form)
    return await visitor.page("complaint_receipt.html", receipt=receipt, back="/", is_public=False)
