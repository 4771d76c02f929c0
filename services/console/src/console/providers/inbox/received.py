"""The list of received referrals."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from console.accounts.visitors.visitor import Provider, Visitor
from console.desk.lists.routes import REFERRAL_COLUMNS, URGENCIES, due, moment, referral_filters
from console.desk.people.reading import shown_referrals
from console.interface.language.catalogue import mark
from console.interface.language.labels import label
from console.lists.tables.listing import Listing, save_list, show_list
from console.lists.tables.rules import Cell, Row

router = APIRouter(include_in_schema=False)


async def _rows(visitor: Visitor, items: list[Any]) -> list[Row]:
    word = partial(label, language=visitor.language, country=visitor.country)
    return [
        (
            Cell(each["service_name"], href=f"/inbox/{each['referral_id']}"),
            Cell(visitor.agency_name(each["sender"])),
            Cell(word("referral_state", each["state"]), tag=each["colour"]),
            Cell(word("urgency", each["urgency"]), URGENCIES.get(each["urgency"], len(URGENCIES))),
            moment(visitor, each["requested_at"]),
            due(visitor, each),
        )
        for each in await shown_referrals(visitor, items)
    ]


RECEIVED = Listing(
    path="/received",
    heading=mark("All referrals that you received"),
    service="referrals",
    source="/referrals/received",
    columns=(mark("Service"), mark("From"), *REFERRAL_COLUMNS),
    rows=_rows,
    filters=referral_filters,
    empty=mark("There is no such referral."),
    next_step=("/inbox", mark("Back to the inbox")),
)


@router.get("/received")
async def show_received(visitor: Provider) -> Response:
    """Show the received referrals."""
    return await show_list(visitor, RECEIVED)


@router.get("/received/file")
async def save_received(visitor: Provider) -> Response:
    """Save the received referrals as a file."""
    return await save_list(visitor, RECEIVED)
