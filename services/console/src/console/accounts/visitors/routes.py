"""The choice of the agency for which a person acts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from solidary.platform.web.runtime import runtime
from starlette.responses import RedirectResponse, Response

from console.accounts.sessions.rules import form_token
from console.accounts.visitors.visitor import language_of, open_person, store_of
from console.interface.forms.form import Choice
from console.interface.pages.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/agency")
async def show_agencies(request: Request) -> Response:
    """Show the agencies that the person belongs to."""
    person = await open_person(request)
    settings = runtime(request).settings
    language = language_of(request)
    listed = settings.agency_names
    choices = [
        Choice(alias, listed[alias][1] if alias in listed else alias)
        for alias in sorted(person.claims.memberships)
    ]
    return render(
        "agency.html",
        language,
        settings.country,
        choices=choices,
        csrf=form_token(person.stored.cookie),
        visitor=None,
        path="/agency",
    )


@router.post("/agency")
async def choose_agency(request: Request) -> Response:
    """Act for one of the person's agencies; drafts of another agency are forgotten."""
    person = await open_person(request)
    chosen = str(person.form.get("agency", ""))
    if chosen not in person.claims.memberships:
        return RedirectResponse("/agency", 303)
    await store_of(request).update(person.stored.cookie, agency=chosen, drafts={}, kept=None)
    return RedirectResponse("/", 303)
