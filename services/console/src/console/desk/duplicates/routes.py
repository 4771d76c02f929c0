"""Registrations side by side that may be of one person: the same, different, or to be asked later."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import full_name, part, person_of
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark

router = APIRouter(include_in_schema=False)
MOST_COMPARED = 3
LATER, DIFFERENT = "later", "different"


def wanted(person: dict[str, Any]) -> dict[str, Any]:
    """Return the search by which somebody like a person is found."""
    identity = person["identity"]
    surname = " ".join(filter(None, (identity["surname"], identity["second_surname"])))
    found = {
        "given_name": identity["given_name"],
        "surname": surname,
        "born": identity["born"],
        "sex": person["sex"],
        "document": next((each["number"] for each in identity["documents"]), None),
        "telephone": next((each["number"] for each in identity["phones"]), None),
    }
    return {name: value for name, value in found.items() if value}


async def _candidates(visitor: Officer, person: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the likeliest other registrations, outside of the person's own household, with all their data."""
    found = await visitor.services.post("intake", "/people/search", wanted(person))
    others = [
        each
        for each in found["candidates"]
        if each["household_id"] != person["household_id"]
        and any(reason["bits"] > 0 for reason in each["reasons"])
    ]
    others = others[:MOST_COMPARED]
    people = await asyncio.gather(*(part(person_of(visitor, each["person_id"])) for each in others))
    return [{**each, "person": one} for each, one in zip(others, people, strict=True) if one]


def _fields(candidates: list[dict[str, Any]], is_provisional: bool) -> tuple[Field, ...]:
    hint = mark("The same person: go on with that registration")
    same = [Choice(each["person_id"], each["name"], hint) for each in candidates if is_provisional]
    different = [Choice(DIFFERENT, mark("A different person"), mark("This registration is confirmed"))]
    later = Choice(LATER, mark("I do not know yet"), mark("Ask the person later; it stays on the list"))
    choices = [*same, *(different if is_provisional else []), later]
    required = mark("Choose what you found out.")
    return (Field("decision", mark("Who is it?"), "/decision", "radios", choices=choices, required=required),)


async def _show(
    visitor: Officer, person: dict[str, Any], candidates: list[dict[str, Any]], form: Form
) -> Response:
    return await visitor.form_page(
        "compare.html",
        form,
        person=person,
        name=full_name(person["identity"]),
        candidates=candidates,
        full_name=full_name,
        back=f"/people/{person['person_id']}",
    )


@router.get("/people/{person_id}/compare")
async def show_comparison(visitor: Officer, person_id: UUID) -> Response:
    """Show a registration beside those of people who are like its person."""
    person = await person_of(visitor, person_id)
    candidates = await _candidates(visitor, person)
    form = Form(_translated(visitor, candidates, person))
    return await _show(visitor, person, candidates, form)


def _translated(
    visitor: Officer, candidates: list[dict[str, Any]], person: dict[str, Any]
) -> tuple[Field, ...]:
    """Return the field with its choices in the visitor's language; names stay as they are."""
    _ = visitor.translate
    (field,) = _fields(candidates, person["state"] == "provisional")
    choices = [Choice(each.value, _(each.text), _(each.hint)) for each in field.choices]
    return (Field(**{**field.__dict__, "choices": choices}),)


@router.post("/people/{person_id}/compare")
async def decide(visitor: Officer, person_id: UUID) -> Response:
    """Record that the person is another one, who is registered already, or nobody else."""
    person = await person_of(visitor, person_id)
    candidates = await _candidates(visitor, person)
    form = Form(_translated(visitor, candidates, person))
    form.read(visitor.form)
    if form.is_faulty:
        return await _show(visitor, person, candidates, form)
    decision = form.values["decision"]
    if decision == LATER:
        return await visitor.go(
            "/people?state=provisional", mark("It stays on the list of registrations to compare.")
        )
    try:
        if decision == DIFFERENT:
            await visitor.services.post(
                "intake", f"/people/{person_id}/state", {"to": "registered"}, key=visitor.key
            )
        else:
            await visitor.services.put("intake", f"/people/{person_id}/same-as", {"person_id": decision})
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, person, candidates, form)
    if decision != DIFFERENT:
        return await visitor.go(
            f"/people/{decision}",
            mark("Go on with this registration. The other one is marked as the same person."),
        )
    return await visitor.go(
        f"/people/{person_id}", mark("The registration is confirmed: it is a different person.")
    )


@router.post("/people/{person_id}/compare/withdrawal")
async def withdraw(visitor: Officer, person_id: UUID) -> Response:
    """Take the decision back that a person is another one."""
    await visitor.services.put("intake", f"/people/{person_id}/same-as", {"person_id": None})
    return await visitor.go(f"/people/{person_id}", mark("The decision is taken back. Compare again."))
