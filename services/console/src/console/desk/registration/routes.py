"""The registration of a household, one person after the other; the draft is kept in the session."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.country import load_pack
from starlette.responses import Response

from console.accounts.visitors.calls import ServiceProblem
from console.accounts.visitors.visitor import Officer
from console.interface.forms.form import Choice, Field, Form, date_parts
from console.interface.language.catalogue import mark
from console.interface.language.labels import OWN, label

router = APIRouter(include_in_schema=False)
MOST_MEMBERS = 30
NO_DRAFT: dict[str, Any] = {"members": [], "household": {}}
SPOKEN = ("spa", "eng", "hat")
"""The languages that a list begins with; then those of the country."""


def member_fields(visitor: Officer, *, is_first: bool) -> tuple[Field, ...]:
    """Return the entries about one person of a household."""

    def choices(kind: str, codes: Any) -> list[Choice]:
        return [Choice(str(code), label(kind, code, visitor.language, visitor.country)) for code in codes]

    documents = load_pack(visitor.country).documents
    relations = [code for code in OWN["relation"] if is_first or code != "head"]
    return (
        Field("given_name", mark("Given names"), "/given_name", required=mark("Enter the given names.")),
        Field(
            "surname",
            mark("First surname"),
            "/surname",
            hint=mark("Leave it empty if the person has one name."),
        ),
        Field("second_surname", mark("Second surname"), "/second_surname"),
        Field(
            "relation",
            mark("Place in the household"),
            "/relation",
            "select",
            choices=choices("relation", relations),
            required=mark("Choose the place in the household."),
        ),
        Field(
            "sex",
            mark("Sex"),
            "/sex",
            "radios",
            choices=choices("sex", Sex),
            required=mark("Choose what the person answers, or «No answer»."),
        ),
        Field("born", mark("Day of birth"), "/born", "date", hint=mark("For example 27 3 1990.")),
        Field(
            "population_group",
            mark("Group"),
            "/population_group",
            "select",
            choices=choices("population_group", PopulationGroup),
            required=mark("Choose what the person states of themselves. It opens or closes no service."),
        ),
        Field("language", mark("Language"), "/language", "select", choices=choices("language", Language)),
        Field("entered_on", mark("Day of entry into the country"), "/entered_on", "date"),
        Field(
            "phone",
            mark("Telephone"),
            "/phones/0/number",
            hint=mark("With + and the country code, such as +507 6123-4567."),
            inputmode="tel",
        ),
        Field("phone_safe", mark("It is safe to call this number"), "/phones/0/safe", "confirm"),
        Field(
            "document_kind",
            mark("Document"),
            "/documents/0/kind",
            "select",
            hint=mark("Leave it empty if the person has none."),
            choices=choices("document", documents),
        ),
        Field("document_number", mark("Number of the document"), "/documents/0/number"),
        Field(
            "note",
            mark("Note"),
            "/note",
            "textarea",
            hint=mark(
                "Only what the next officer must know. No violence, no persecution: call a protection officer."
            ),
        ),
    )


def household_fields(visitor: Officer) -> tuple[Field, ...]:
    """Return the entries about the household: its area, by name where the country pack has names."""
    place = load_pack(visitor.country).demonstration
    required = mark("Choose the area where the household lives.")
    if place is None:
        return (Field("area", mark("Area where the household lives"), "/area", required=required),)
    areas = sorted(
        (Choice(code, area.name) for code, area in place.areas.items()), key=lambda each: each.text
    )
    return (
        Field(
            "area",
            mark("Area where the household lives"),
            "/area",
            "select",
            choices=areas,
            required=required,
        ),
    )


def _draft(visitor: Officer) -> dict[str, Any] | None:
    draft: dict[str, Any] | None = visitor.content.drafts.get("registration")
    return draft


async def _save(visitor: Officer, draft: dict[str, Any] | None) -> None:
    others = {name: value for name, value in visitor.content.drafts.items() if name != "registration"}
    await visitor.save(drafts=others if draft is None else {**others, "registration": draft})


@router.post("/registration/begin")
async def begin(visitor: Officer) -> Response:
    """Begin a registration after a search, with what was searched for."""
    search = visitor.content.drafts.get("search", {})
    search_id = str(visitor.form.get("search_id", ""))
    known = search.get("body", {}) if search.get("id") == search_id else {}
    draft: dict[str, Any] = {
        "id": str(uuid4()),
        "search_id": search_id,
        "known": known,
        "members": [],
        "household": {},
    }
    await _save(visitor, draft)
    return await visitor.go("/registration/members/1")


@router.get("/registration/members/{number}")
async def show_member(visitor: Officer, number: int) -> Response:
    """Show the entries of one person, or empty ones for the next."""
    draft = _draft(visitor)
    if draft is None or not 1 <= number <= min(len(draft["members"]) + 1, MOST_MEMBERS):
        return await visitor.go("/search")
    form = Form(member_fields(visitor, is_first=number == 1))
    members = draft["members"]
    if number <= len(members):
        form.values = dict(members[number - 1]["values"])
    else:
        form.values = _first_values(draft["known"]) if number == 1 else _next_values(members[0]["values"])
    return await _show_member(visitor, form, number)


def _first_values(known: dict[str, Any]) -> dict[str, Any]:
    surname, _, second = known.get("surname", "").partition(" ")
    return {
        "given_name": known.get("given_name", ""),
        "surname": surname,
        "second_surname": second,
        "relation": "head",
        "language": "spa",
        "born": date_parts(known.get("born")),
        "phone": known.get("telephone", ""),
        "document_number": known.get("document", ""),
    }


def _next_values(head: dict[str, Any]) -> dict[str, Any]:
    return {name: head.get(name, "") for name in ("population_group", "language", "entered_on")}


async def _show_member(visitor: Officer, form: Form, number: int) -> Response:
    return await visitor.form_page(
        "form.html",
        form,
        heading=mark("Head of the household") if number == 1 else mark("Person of the household"),
        submit=mark("Save and go on"),
        back="/registration" if number > 1 else "/search",
    )


@router.post("/registration/members/{number}")
async def save_member(visitor: Officer, number: int) -> Response:
    """Keep the entries of one person in the draft."""
    draft = _draft(visitor)
    if draft is None or not 1 <= number <= min(len(draft["members"]) + 1, MOST_MEMBERS):
        return await visitor.go("/search")
    form = Form(member_fields(visitor, is_first=number == 1))
    form.read(visitor.form)
    if bool(form.values["document_kind"]) != bool(form.values["document_number"]):
        missing = "document_number" if form.values["document_kind"] else "document_kind"
        form.errors[missing] = mark("Enter both the document and its number, or neither.")
    if form.is_faulty:
        return await _show_member(visitor, form, number)
    body = form.body()
    if not form.values["phone"]:
        body.pop("phones", None)
    members = [*draft["members"]]
    members[number - 1 : number] = [{"values": form.values, "body": body}]
    await _save(visitor, {**draft, "members": members})
    return await visitor.go("/registration")


@router.post("/registration/members/{number}/remove")
async def remove_member(visitor: Officer, number: int) -> Response:
    """Take a person out of the draft."""
    draft = _draft(visitor)
    if draft is not None and 1 <= number <= len(draft["members"]):
        members = [*draft["members"]]
        del members[number - 1]
        await _save(visitor, {**draft, "members": members})
    return await visitor.go("/registration")


@router.post("/registration/discard")
async def discard(visitor: Officer) -> Response:
    """Forget the draft."""
    await _save(visitor, None)
    return await visitor.go("/", mark("The registration was discarded. Nothing was registered."))


@router.get("/registration")
async def show_registration(visitor: Officer) -> Response:
    """Show all entries before they are sent."""
    draft = _draft(visitor)
    if draft is None:
        return await visitor.go("/search")
    form = Form(household_fields(visitor), dict(draft["household"]))
    return await _check(visitor, form, draft["members"])


async def _check(visitor: Officer, form: Form, members: list[dict[str, Any]]) -> Response:
    return await visitor.form_page("registration.html", form, members=members)


@router.post("/registration")
async def register(visitor: Officer) -> Response:
    """Register the household; the same draft sent twice registers nobody twice."""
    draft = _draft(visitor)
    if draft is None:
        return await visitor.go("/search")
    form = Form(household_fields(visitor))
    form.read(visitor.form)
    members = draft["members"]
    if not members:
        form.title = mark("Nobody is in the household yet")
        form.action = mark("Add the head of the household first.")
    if form.is_faulty:
        return await _check(visitor, form, members)
    body = {
        "household": form.body(),
        "members": [member["body"] for member in members],
        "search_id": draft["search_id"],
    }
    try:
        registered = await visitor.services.put("intake", f"/registrations/{draft['id']}", body)
    except ServiceProblem as problem:
        form.title, form.action = problem.words
        members = [
            {
                **member,
                "faults": [words for at, words in problem.faults if at.startswith(f"/members/{number}/")],
            }
            for number, member in enumerate(members)
        ]
        await _save(visitor, {**draft, "household": form.values})
        return await _check(visitor, form, members)
    await _save(visitor, None)
    first = registered["members"][0]["person_id"]
    return await visitor.go(f"/people/{first}", mark("The household is registered."))
