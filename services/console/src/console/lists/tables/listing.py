"""A list of a service as a page: by filters, in an order, in the parts that the service gives, and as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from console.accounts.visitors.visitor import Visitor
from console.interface.forms.form import Choice
from console.interface.language.catalogue import mark
from console.interface.pages.rendering import HEADERS
from console.lists.tables.rules import Row, file_text, sorted_rows

PART = 50
"""The rows of one page."""
LARGEST_PART = 200
"""The items that a service gives at once."""
MOST_SORTED = 1000
"""The rows that are put in an order of the page's own."""
MOST_EXPORTED = 10_000


class Filter(NamedTuple):
    """A filter of the service, with the choices that the page offers."""

    name: str
    label: str
    choices: Sequence[Choice]
    usual: str = ""


@dataclass(frozen=True)
class Listing:
    """A list: where it is, what it shows, and how its items become rows."""

    path: str
    heading: str
    service: str
    source: str
    columns: Sequence[str]
    rows: Callable[[Visitor, list[Any]], Awaitable[list[Row]]]
    filters: Callable[[Visitor], Sequence[Filter]]
    empty: str
    next_step: tuple[str, str] = ("/", mark("Go to the start page"))
    """The address and the words of what to do where the list is empty."""
    intro: str = ""


async def show_list(visitor: Visitor, listing: Listing) -> Response:
    """Show a list: a part of the service's own order, or the first rows in the order of a column."""
    filters, chosen = _chosen(visitor, listing)
    column = _column(visitor, listing)
    query = visitor.request.query_params
    if column is None:
        after = query.get("after", "")[:200]
        found = await _part(visitor, listing, chosen, PART, after)
        rows, more = await listing.rows(visitor, found["items"]), found.get("next")
        is_cut = False
    else:
        items, is_cut = await _all(visitor, listing, chosen, MOST_SORTED)
        rows = sorted_rows(await listing.rows(visitor, items), column)
        after, more = "", None
    kept = {**chosen, "sort": query.get("sort", "")}
    return await visitor.page(
        "list.html",
        listing=listing,
        filters=filters,
        chosen=chosen,
        sort=column,
        rows=rows,
        is_first=not after,
        is_cut=is_cut,
        first_page=f"{listing.path}?{urlencode(kept)}",
        next_page=f"{listing.path}?{urlencode({**kept, 'after': more})}" if more else None,
        file=f"{listing.path}/file?{urlencode(kept)}",
    )


async def save_list(visitor: Visitor, listing: Listing) -> Response:
    """Return a list as a file, with what the person may read; the service logs each person on it."""
    _, chosen = _chosen(visitor, listing)
    column = _column(visitor, listing)
    items, is_cut = await _all(visitor, listing, chosen, MOST_EXPORTED)
    rows = await listing.rows(visitor, items)
    if column is not None:
        rows = sorted_rows(rows, column)
    _ = visitor.translate
    last = _(mark("The list goes on. Choose a filter for a shorter one.")) if is_cut else ""
    text = file_text([_(column) for column in listing.columns], rows, last=last)
    name = listing.path.strip("/").replace("/", "-")
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text, headers=HEADERS | disposition, media_type="text/csv; charset=utf-8")


def _chosen(visitor: Visitor, listing: Listing) -> tuple[Sequence[Filter], dict[str, str]]:
    """Return the filters of a list, and what was chosen among their choices."""
    filters = listing.filters(visitor)
    query = visitor.request.query_params
    chosen = {each.name: query.get(each.name, each.usual) for each in filters}
    offered = {each.name: {choice.value for choice in each.choices} for each in filters}
    return filters, {name: value for name, value in chosen.items() if value in offered[name] or value == ""}


def _column(visitor: Visitor, listing: Listing) -> int | None:
    chosen = visitor.request.query_params.get("sort", "")
    return int(chosen) if chosen in map(str, range(len(listing.columns))) else None


async def _part(visitor: Visitor, listing: Listing, chosen: dict[str, str], limit: int, after: str) -> Any:
    given = {name: value for name, value in {**chosen, "after": after}.items() if value}
    return await visitor.services.get(listing.service, listing.source, limit=str(limit), **given)


async def _all(
    visitor: Visitor, listing: Listing, chosen: dict[str, str], most: int
) -> tuple[list[Any], bool]:
    """Return the items of all parts up to a number, and whether there are more."""
    items: list[Any] = []
    after = ""
    while True:
        found = await _part(visitor, listing, chosen, LARGEST_PART, after)
        items += found["items"]
        after = found.get("next") or ""
        if not after or len(items) >= most:
            return items[:most], bool(after) or len(items) > most
