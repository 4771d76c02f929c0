"""The search for a person: the first step before every registration."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.interface.forms.form import Field, Form
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)

FIELDS = (
    Field("given_name", mark("Given names"), "/given_name"),
    Field("surname", mark("Surnames"), "/surname", hint=mark("One or both.")),
    Field("born", mark("Day of birth"), "/born", "date", hint=mark("For example 27 3 1990.")),
    Field("document", mark("Number of a document"), "/document"),
    Field("telephone", mark("Telephone"), "/telephone", inputmode="tel"),
)


async def _show(visitor: Officer, form: Form) -> Response:
    return await visitor.form_page(
        "form.html",
        form,
        heading=mark("Search for a person"),
        intro=mark("Enter what the person can tell you. Names that sound alike are found too."),
        submit=mark("Search"),
        back="/",
    )


@router.get("/search")
async def show_search(visitor: Officer) -> Response:
    """Show the form of the search."""
    return await _show(visitor, Form(FIELDS, marks_optional=False))


@router.post("/search")
async def search(visitor: Officer) -> Response:
    """Search; the result has an address of its own, without anything about the person."""
    form = Form(FIELDS, marks_optional=False)
    form.read(visitor.form)
    body = form.body()
    if not body and not form.errors:
        form.errors["given_name"] = mark("Enter a name, a day of birth, a document or a telephone.")
    if form.is_faulty:
        return await _show(visitor, form)
    try:
        found = await visitor.services.post("intake", "/people/search", body)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, form)
    drafts = {**visitor.content.drafts, "search": {"id": found["search_id"], "body": body}}
    await visitor.save(drafts=drafts)
    return await visitor.go(f"/searches/{found['search_id']}")


@router.get("/searches/{search_id}")
async def show_candidates(visitor: Officer, search_id: UUID) -> Response:
    """Show the people who could be the one, best first."""
    found = await visitor.services.get("intake", f"/searches/{search_id}")
    candidates = found["candidates"]
    return await visitor.page("candidates.html", candidates=candidates, search_id=search_id)
