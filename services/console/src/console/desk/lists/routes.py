"""The lists of the desk: the people of the user, their needs, and the referrals that the agency sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.urgency import Urgency
from starlette.responses import Response

from console.accounts.visitors.visitor import Officer, Visitor
from console.desk.people.reading import shown_referrals
from console.interface.forms.form import Choice
from console.interface.language import formats
from console.interface.language.catalogue import mark
from console.interface.language.labels import OWN, label
from console.lists.tables.listing import Filter, Listing, save_list, show_list
from console.lists.tables.rules import Cell, Row

router = APIRouter(include_in_schema=False)
SEVERITIES = {"high": 0, "medium": 1, "low": 2}
URGENCIES = {str(urgency): number for number, urgency in enumerate(Urgency)}


def choices(visitor: Visitor, kind: str, codes: Iterable[Any]) -> list[Choice]:
    """Return codes as choices, in the visitor's language."""
    return [Choice(str(code), label(kind, code, visitor.language, visitor.country)) for code in codes]


def moment(visitor: Visitor, value: str | None) -> Cell:
    """Return the cell of a time."""
    return Cell(formats.moment(value, visitor.language, visitor.country), value or "")


async def _people(visitor: Visitor, items: list[Any]) -> list[Row]:
    word = partial(label, language=visitor.language, country=visitor.country)
    return [
        (
            Cell(each["name"], href=f"/people/{each['person_id']}"),
            Cell(word("relation", each["relation"])),
            Cell(word("registration_state", each["state"])),
            moment(visitor, each["created"]),
        )
        for each in items
    ]


def _people_filters(visitor: Visitor) -> Sequence[Filter]:
    states = choices(visitor, "registration_state", OWN["registration_state"])
    return (Filter("state", mark("Registration"), states),)


async def _needs(visitor: Visitor, items: list[Any]) -> list[Row]:
    word = partial(label, language=visitor.language, country=visitor.country)
    return [
        (
            Cell(each["name"], href=f"/people/{each['person_id']}#needs"),
            Cell(word("need", each["code"])),
            Cell(word("severity", each["severity"]), SEVERITIES.get(each["severity"], len(SEVERITIES))),
            Cell(word("need_state", each["state"])),
            Cell(formats.day(each["day"], visitor.language), each["day"]),
        )
        for each in items
    ]


def _need_filters(visitor: Visitor) -> Sequence[Filter]:
    return (
        Filter("state", mark("State"), choices(visitor, "need_state", OWN["need_state"]), "open"),
        Filter("severity", mark("Severity"), choices(visitor, "severity", OWN["severity"])),
        Filter("category", mark("Kind of need"), choices(visitor, "need_category", NeedCategory)),
    )


async def _sent(visitor: Visitor, items: list[Any]) -> list[Row]:
    word = partial(label, language=visitor.language, country=visitor.country)
    return [
        (
            Cell(each["service_name"], href=f"/people/{each['person_id']}#referrals"),
            Cell(word("referral_state", each["state"]), tag=each["colour"]),
            Cell(word("urgency", each["urgency"]), URGENCIES.get(each["urgency"], len(URGENCIES))),
            moment(visitor, each["requested_at"]),
            due(visitor, each),
        )
        for each in await shown_referrals(visitor, items)
    ]


def due(visitor: Visitor, referral: dict[str, Any]) -> Cell:
    """Return the cell of the time until which a referral is to be answered; empty for one that was answered."""
    value = referral["due_at"]
    if referral["state"] != "requested" or not value:
        return Cell("")
    if formats.is_past(value, datetime.now(UTC)):
        return Cell(visitor.translate(mark("Overdue")), value)
    return moment(visitor, value)


def referral_filters(visitor: Visitor) -> Sequence[Filter]:
    """Return the filter of referrals by their state."""
    states = [code for code in OWN["referral_state"] if code != "draft"]
    return (Filter("state", mark("State"), choices(visitor, "referral_state", states)),)


REFERRAL_COLUMNS = (mark("State"), mark("Urgency"), mark("Sent on"), mark("Answer due"))
SEARCH = ("/search", mark("Search for a person"))
PEOPLE = Listing(
    path="/people",
    heading=mark("People you work with"),
    intro=mark(
        "The people whom you received in the last days or to whom you are assigned. Provisional ones are shown to "
        "everybody at the desk, because somebody has to compare them."
    ),
    service="intake",
    source="/people",
    columns=(mark("Name"), mark("Place in the household"), mark("Registration"), mark("Registered on")),
    rows=_people,
    filters=_people_filters,
    empty=mark("You work with nobody at the moment. Search for the person in front of you."),
    next_step=SEARCH,
)
NEEDS = Listing(
    path="/needs",
    heading=mark("Needs of the people you work with"),
    service="intake",
    source="/needs",
    columns=(mark("Name"), mark("Need"), mark("Severity"), mark("State"), mark("Day")),
    rows=_needs,
    filters=_need_filters,
    empty=mark("There is no such need. Needs that you record appear here until they are answered."),
    next_step=SEARCH,
)
SENT = Listing(
    path="/referrals",
    heading=mark("Referrals that you sent"),
    service="referrals",
    source="/referrals",
    columns=(mark("Service"), *REFERRAL_COLUMNS),
    rows=_sent,
    filters=referral_filters,
    empty=mark("There is no such referral. Search for a person, record a need, and find a service."),
    next_step=SEARCH,
)


@router.get("/people")
async def show_people(visitor: Officer) -> Response:
    """Show the people of the user."""
    return await show_list(visitor, PEOPLE)


@router.get("/people/file")
async def save_people(visitor: Officer) -> Response:
    """Save the people of the user as a file."""
    return await save_list(visitor, PEOPLE)


@router.get("/needs")
async def show_needs(visitor: Officer) -> Response:
    """Show the needs of the people of the user."""
    return await show_list(visitor, NEEDS)


@router.get("/needs/file")
async def save_needs(visitor: Officer) -> Response:
    """Save the needs of the people of the user as a file."""
    return await save_list(visitor, NEEDS)


@router.get("/referrals")
async def show_sent(visitor: Officer) -> Response:
    """Show the referrals that the agency sent."""
    return await show_list(visitor, SENT)


@router.get("/referrals/file")
async def save_sent(visitor: Officer) -> Response:
    """Save the referrals that the agency sent as a file."""
    return await save_list(visitor, SENT)
