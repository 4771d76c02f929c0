"""The list of an agency's centres, and the form of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from solidary.language.codes.languages import Language
from solidary.language.country import load_pack
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import DirectoryEditor
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark
from console.interface.language.labels import OWN

router = APIRouter(include_in_schema=False)
MOST = "200"
LINES = 3
"""The lines of hours on the page; a centre with more of them is changed over the API."""
CLOCK = mark("For example 08:00.")


@router.get("/centres")
async def show_centres(visitor: DirectoryEditor) -> Response:
    """Show the agency's centres."""
    listed = await visitor.services.get("intake", "/centres", limit=MOST)
    return await visitor.page("own_centres.html", centres=listed["items"])


@router.get("/centres/new")
async def show_new(visitor: DirectoryEditor) -> Response:
    """Show an empty form."""
    values = {"is_open": "yes", "without_documents": "yes", "kind": "attention_point"}
    return await _show(visitor, Form(fields(visitor), values), mark("Add a centre"))


@router.post("/centres/new")
async def add_centre(visitor: DirectoryEditor) -> Response:
    """Add the centre."""
    return await _send(visitor, None, mark("Add a centre"))


@router.get("/centres/{centre_id}")
async def show_centre(visitor: DirectoryEditor, centre_id: UUID) -> Response:
    """Show the form of a centre with what is known of it."""
    centre = await visitor.services.get("intake", f"/centres/{centre_id}")
    if len(centre["hours"]) > LINES:
        return await visitor.go(
            "/centres", mark("This centre has more hours than the page shows. Change it over the API.")
        )
    return await _show(visitor, Form(fields(visitor), _values(centre)), mark("Change a centre"))


@router.post("/centres/{centre_id}")
async def change_centre(visitor: DirectoryEditor, centre_id: UUID) -> Response:
    """Replace what is known of the centre."""
    return await _send(visitor, centre_id, mark("Change a centre"))


def fields(visitor: DirectoryEditor) -> tuple[Field, ...]:
    """Return the entries of a centre."""

    def own(kind: str) -> list[Choice]:
        return [Choice(code, visitor.translate(text)) for code, text in OWN[kind].items()]

    languages = [Choice(code, code.wording.in_language(visitor.language)) for code in Language]
    return (
        Field("name", mark("Name of the centre"), "/name", required=mark("Enter the name.")),
        Field("kind", mark("Kind of centre"), "/kind", "radios", choices=own("centre_kind")),
        Field(
            "code",
            mark("Short code"),
            "/code",
            hint=mark("Small letters, digits and _, such as pao_la_chorrera. Visits are recorded under it."),
            required=mark("Enter a short code."),
        ),
        _area(visitor.country),
        Field("address", mark("Address"), "/address", required=mark("Enter the address.")),
        Field("telephone", mark("Telephone"), "/telephone", inputmode="tel"),
        *_hours(own("weekday")),
        Field("languages", mark("Languages"), "/languages", "checkboxes", choices=languages),
        Field(
            "services", mark("Services of the desks"), "/services", "checkboxes", choices=own("desk_service")
        ),
        Field(
            "without_documents",
            mark("People without documents are received"),
            "/without_documents",
            "confirm",
        ),
        Field("is_open", mark("The centre receives people"), "/is_open", "confirm"),
        Field("note", mark("Notice for visitors"), "/note"),
    )


def _area(country: str) -> Field:
    """Return the entry of the area: by name where the country pack has names, else by its P-code."""
    place = load_pack(country).demonstration
    words, required = mark("Area of the centre"), mark("Choose the area.")
    if place is None:
        return Field("area", words, "/area", required=required)
    named = ((code, area.name) for code, area in place.areas.items())
    choices = [Choice(code, name) for code, name in sorted(named, key=lambda each: each[1])]
    return Field("area", words, "/area", "select", choices=choices, required=required)


def _hours(days: list[Choice]) -> Iterator[Field]:
    for line in range(LINES):
        place = f"/hours/{line}"
        yield Field(f"days{line}", mark("Open on"), f"{place}/days", "checkboxes", choices=days)
        yield Field(f"opens{line}", mark("From"), f"{place}/opens", hint=CLOCK, width="govuk-input--width-5")
        yield Field(f"closes{line}", mark("To"), f"{place}/closes", hint=CLOCK, width="govuk-input--width-5")


def _values(centre: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        name: centre[name] for name in ("name", "kind", "code", "area", "address", "languages", "services")
    }
    values |= {"telephone": centre["telephone"] or "", "note": centre["note"] or ""}
    values |= {name: "yes" if centre[name] else "" for name in ("without_documents", "is_open")}
    for line, opening in enumerate(centre["hours"]):
        values |= {
            f"days{line}": opening["days"],
            f"opens{line}": opening["opens"][:5],
            f"closes{line}": opening["closes"][:5],
        }
    return values


async def _show(visitor: DirectoryEditor, form: Form, heading: str) -> Response:
    return await visitor.form_page(
        "form.html",
        form,
        heading=heading,
        intro=mark("Everybody can read this, at the public page «Where can I go?»."),
        submit=mark("Save"),
        back="/centres",
    )


async def _send(visitor: DirectoryEditor, centre_id: UUID | None, heading: str) -> Response:
    form = Form(fields(visitor))
    form.read(visitor.form)
    if form.is_faulty:
        return await _show(visitor, form, heading)
    body = form.body()
    body["hours"] = [each for each in body.get("hours", ()) if each]
    try:
        if centre_id is None:
            await visitor.services.post("intake", "/centres", body, key=visitor.key)
        else:
            known = await visitor.services.get("intake", f"/centres/{centre_id}")
            place = {name: known[name] for name in ("latitude", "longitude")}
            await visitor.services.put("intake", f"/centres/{centre_id}", body | place)
    except ServiceProblem as problem:
        if problem.status == 404:
            raise
        form.take_problem(problem)
        return await _show(visitor, form, heading)
    return await visitor.go("/centres", mark("The centre is saved."))
