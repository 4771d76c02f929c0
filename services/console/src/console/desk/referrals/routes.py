"""From a need to a service: suggestions, the person's consent, and the referral."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from solidary.language.codes.people import age
from solidary.language.codes.urgency import Urgency
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.desk.people.reading import full_name, person_of
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.catalogue import mark
from console.interface.language.labels import OWN, label
from console.interface.language.problem_words import words_of

router = APIRouter(include_in_schema=False)
SHARED = ("name", "contact", "language", "age", "needs", "documents_held")
"""The data that a referral may share; the immigration status is not among them."""
TEXT_VERSION = "2026-11"
ADULT = 18
MOST_SERVICES = 50


async def _need(visitor: Officer, person_id: UUID, need_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = await visitor.services.get("intake", f"/people/{person_id}/needs/{need_id}")
    return found


@router.get("/people/{person_id}/needs/{need_id}/services")
async def show_services(visitor: Officer, person_id: UUID, need_id: UUID) -> Response:
    """Show the services that answer a need, best first; the query names no person."""
    need = await _need(visitor, person_id, need_id)
    person = await person_of(visitor, person_id)
    household = await visitor.services.get("intake", f"/households/{person['household_id']}")
    found = await _suggestions(visitor, person, household, need)
    return await visitor.page(
        "services.html",
        need=need,
        services=found["items"],
        more=found["more"],
        back=f"/people/{person_id}",
    )


async def _suggestions(visitor: Officer, person: Any, household: Any, need: Any) -> Any:
    query = {"need": need["code"], "profile": _profile(person, household)}
    return await visitor.services.post("referrals", f"/suggestions?limit={MOST_SERVICES}", query)


def _profile(person: dict[str, Any], household: dict[str, Any]) -> dict[str, Any]:
    """Return the coded facts by which services decide; neither name nor immigration status is among them."""
    profile: dict[str, Any] = {
        "area": household["area"],
        "languages": [person["language"]],
        "household_size": len(household["members"]),
    }
    born = person["identity"]["born"]
    if born:
        profile["age"] = age(date.fromisoformat(born), date.today())
    if person["sex"] in ("female", "male"):
        profile["sex"] = person["sex"]
    kinds = sorted({each["kind"] for each in person["identity"]["documents"]})
    return profile | ({"documents": kinds} if kinds else {})


def fields(visitor: Officer, person: dict[str, Any], household: dict[str, Any]) -> tuple[Field, ...]:
    """Return the entries of a consent and a referral; for a child also who agrees for it, and whether it was asked."""

    def choices(kind: str, codes: Any) -> list[Choice]:
        return [Choice(str(code), label(kind, code, visitor.language, visitor.country)) for code in codes]

    return (
        Field(
            "categories",
            mark("The service may see"),
            "/categories",
            "checkboxes",
            hint=mark("Only what the person agrees to."),
            choices=choices("data_category", SHARED),
            required=mark("Choose at least one."),
        ),
        *(_child_fields(person, household) if _is_child(person) else ()),
        Field(
            "channel",
            mark("How did the person agree?"),
            "/channel",
            "radios",
            choices=choices("consent_channel", OWN["consent_channel"]),
            required=mark("Choose how the person agreed."),
        ),
        Field(
            "urgency",
            mark("How urgent is it?"),
            "",
            "radios",
            choices=choices("urgency", Urgency),
            required=mark("Choose how urgent it is."),
        ),
        Field(
            "agreed",
            mark("I have read the text to the person, and the person agrees"),
            "",
            "confirm",
            required=mark("Without the person's consent nothing is sent."),
        ),
        Field("although_full", mark("Send it although the service has no free places"), "", "confirm"),
    )


def _is_child(person: dict[str, Any]) -> bool:
    born = person["identity"]["born"]
    return bool(born) and age(date.fromisoformat(born), date.today()) < ADULT


def _child_fields(person: dict[str, Any], household: dict[str, Any]) -> tuple[Field, ...]:
    others = [
        Choice(each["person_id"], each["name"])
        for each in household["members"]
        if each["person_id"] != person["person_id"]
    ]
    return (
        Field(
            "given_by",
            mark("Who agrees for the child?"),
            "/given_by",
            "radios",
            choices=others,
            required=mark("Choose the adult who agrees for the child."),
        ),
        Field("assent", mark("The child was asked and agrees"), "/assent", "confirm"),
    )


async def _show(
    visitor: Officer, form: Form, person: dict[str, Any], entry: dict[str, Any], back: str
) -> Response:
    return await visitor.form_page(
        "refer.html",
        form,
        caption=f"{full_name(person['identity'])} → {entry['name']} ({entry['organization']})",
        heading=mark("Ask for consent and refer"),
        submit=mark("Record the consent and send the referral"),
        back=back,
    )


@router.get("/people/{person_id}/needs/{need_id}/services/{service_id}")
async def show_referral(visitor: Officer, person_id: UUID, need_id: UUID, service_id: UUID) -> Response:
    """Show the form of a consent and a referral to one service."""
    person, household, _, entry = await _read(visitor, person_id, need_id, service_id)
    values = {"categories": list(SHARED), "channel": "in_person", "urgency": "normal"}
    form = Form(fields(visitor, person, household), values)
    return await _show(visitor, form, person, entry, f"/people/{person_id}/needs/{need_id}/services")


async def _read(
    visitor: Officer, person_id: UUID, need_id: UUID, service_id: UUID
) -> tuple[Any, Any, Any, Any]:
    need = await _need(visitor, person_id, need_id)
    person = await person_of(visitor, person_id)
    household = await visitor.services.get("intake", f"/households/{person['household_id']}")
    found = await _suggestions(visitor, person, household, need)
    entry = next((each for each in found["items"] if each["service_id"] == str(service_id)), None)
    if entry is None:
        raise ServiceProblem(404, "not-found", words_of("not-found", 404))
    return person, household, need, entry


@router.post("/people/{person_id}/needs/{need_id}/services/{service_id}")
async def refer(visitor: Officer, person_id: UUID, need_id: UUID, service_id: UUID) -> Response:
    """Record the consent and send the referral; sent twice, both are made once."""
    person, household, need, entry = await _read(visitor, person_id, need_id, service_id)
    form = Form(fields(visitor, person, household))
    form.read(visitor.form)
    back = f"/people/{person_id}/needs/{need_id}/services"
    if form.is_faulty:
        return await _show(visitor, form, person, entry, back)
    consent = form.body() | {
        "person_id": str(person_id),
        "purpose": "referral",
        "recipient": entry["agency"],
        "needs": [need["code"]] if "needs" in form.values["categories"] else [],
        "basis": "consent",
        "language": person["language"],
        "text_version": TEXT_VERSION,
    }
    try:
        given = await visitor.services.post("intake", "/consents", consent, key=f"{visitor.key}-consent")
        referral = {
            "service_id": str(service_id),
            "consent_id": given["consent_id"],
            "package_id": given["package_id"],
            "person_id": str(person_id),
            "urgency": form.values["urgency"],
            "although_full": form.values["although_full"] == "yes",
        }
        await visitor.services.post("referrals", "/referrals", referral, key=f"{visitor.key}-referral")
    except ServiceProblem as problem:
        form.take_problem(problem)
        return await _show(visitor, form, person, entry, back)
    return await visitor.go(f"/people/{person_id}#referrals", mark("The referral is sent."))
