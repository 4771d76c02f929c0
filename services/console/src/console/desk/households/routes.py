"""The household of a person: its members, and where it lives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.registration.routes import household_fields
from console.interface.forms.form import Form
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)
PLACE = ("area", "cell", "shelter", "own_income", "other_aid")


async def _show(visitor: Officer, household: dict[str, Any], version: str, form: Form) -> Response:
    head = household["members"][0]["person_id"] if household["members"] else ""
    return await visitor.form_page(
        "household.html",
        form,
        household=household,
        version=version,
        back=f"/people/{head}" if head else "/people",
    )


@router.get("/households/{household_id}")
async def show_household(visitor: Officer, household_id: UUID) -> Response:
    """Show the members of a household and its area."""
    household, version = await visitor.services.read("intake", f"/households/{household_id}")
    form = Form(household_fields(visitor), {"area": household["area"]})
    return await _show(visitor, household, version, form)


@router.post("/households/{household_id}")
async def move_household(visitor: Officer, household_id: UUID) -> Response:
    """Record that a household lives elsewhere; its place on the map is then not known any more."""
    path = f"/households/{household_id}"
    household, version = await visitor.services.read("intake", path)
    form = Form(household_fields(visitor))
    form.read(visitor.form)
    shown = str(visitor.form.get("version", ""))[:100] or version
    if form.is_faulty:
        return await _show(visitor, household, shown, form)
    body = {name: household[name] for name in PLACE} | form.body()
    if body["area"] != household["area"]:
        body["cell"] = None
    try:
        await visitor.services.put("intake", path, body, shown)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, household, version, form)
    return await visitor.go(path, mark("The household is changed."))
