"""Corrections of a person's names, days and statements; what somebody else wrote meanwhile is not overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import full_name
from console.interface.forms.form import Choice, Field, Form, date_parts
from console.interface.language.catalogue import mark
from console.interface.language.labels import label

router = APIRouter(include_in_schema=False)
NAMES = ("given_name", "surname", "second_surname")
DAYS = ("born", "entered_on")
STATEMENTS = ("sex", "population_group", "language")


class Correction(NamedTuple):
    """A part of a person that is corrected at once: its path at the service, its entries and their values."""

    path: str
    fields: Callable[[Officer], tuple[Field, ...]]
    values: Callable[[Mapping[str, Any]], dict[str, Any]]
    body: Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]]
    heading: str


def _identity_fields(visitor: Officer) -> tuple[Field, ...]:
    return (
        Field("given_name", mark("Given names"), "/given_name", required=mark("Enter the given names.")),
        Field(
            "surname",
            mark("First surname"),
            "/surname",
            hint=mark("Leave it empty if the person has one name."),
        ),
        Field("second_surname", mark("Second surname"), "/second_surname"),
        Field("born", mark("Day of birth"), "/born", "date", hint=mark("For example 27 3 1990.")),
        Field("entered_on", mark("Day of entry into the country"), "/entered_on", "date"),
    )


def _identity_values(person: Mapping[str, Any]) -> dict[str, Any]:
    identity = person["identity"]
    return {name: identity[name] or "" for name in NAMES} | {
        name: date_parts(identity[name]) for name in DAYS
    }


def _identity_body(person: Mapping[str, Any], entered: dict[str, Any]) -> dict[str, Any]:
    """Return the whole identity: what the form does not show stays as it is."""
    kept = {name: value for name, value in person["identity"].items() if name not in (*NAMES, *DAYS)}
    return kept | entered


def _statement_fields(visitor: Officer) -> tuple[Field, ...]:
    def choices(kind: str, codes: Any) -> list[Choice]:
        return [Choice(str(code), label(kind, code, visitor.language, visitor.country)) for code in codes]

    required = mark("Choose what the person answers, or «No answer».")
    return (
        Field("sex", mark("Sex"), "/sex", "radios", choices=choices("sex", Sex), required=required),
        Field(
            "population_group",
            mark("Group"),
            "/population_group",
            "select",
            choices=choices("population_group", PopulationGroup),
            required=mark("Choose what the person states of themselves. It opens or closes no service."),
        ),
        Field(
            "language",
            mark("Language"),
            "/language",
            "select",
            choices=choices("language", Language),
            required=mark("Choose the language in which the person wants to be served."),
        ),
    )


CORRECTIONS: Mapping[str, Correction] = {
    "names": Correction(
        "identity", _identity_fields, _identity_values, _identity_body, mark("Correct names and days")
    ),
    "statements": Correction(
        "statements",
        _statement_fields,
        lambda person: {name: person[name] for name in STATEMENTS},
        lambda person, entered: entered,
        mark("Correct sex, group and language"),
    ),
}


@router.get("/people/{person_id}/correct/{what}")
async def show_form(visitor: Officer, person_id: UUID, what: str) -> Response:
    """Show what is recorded, to be corrected."""
    correction = CORRECTIONS.get(what)
    if correction is None:
        return await visitor.go(f"/people/{person_id}")
    person, version = await visitor.services.read("intake", f"/people/{person_id}")
    form = Form(correction.fields(visitor), correction.values(person))
    return await _show(visitor, correction, person, version, form)


async def _show(
    visitor: Officer, correction: Correction, person: Mapping[str, Any], version: str, form: Form
) -> Response:
    return await visitor.form_page(
        "correct.html",
        form,
        caption=full_name(person["identity"]),
        heading=correction.heading,
        submit=mark("Save the correction"),
        version=version,
        back=f"/people/{person['person_id']}",
    )


@router.post("/people/{person_id}/correct/{what}")
async def correct(visitor: Officer, person_id: UUID, what: str) -> Response:
    """Save a correction of the version that the form showed."""
    correction = CORRECTIONS.get(what)
    if correction is None:
        return await visitor.go(f"/people/{person_id}")
    path = f"/people/{person_id}"
    person, version = await visitor.services.read("intake", path)
    form = Form(correction.fields(visitor))
    form.read(visitor.form)
    if form.is_faulty:
        return await _show(visitor, correction, person, str(visitor.form.get("version", ""))[:100], form)
    shown = str(visitor.form.get("version", ""))[:100] or version
    try:
        body = correction.body(person, form.body())
        await visitor.services.put("intake", f"{path}/{correction.path}", body, shown)
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, correction, person, version, form)
    return await visitor.go(path, mark("The correction is saved."))
