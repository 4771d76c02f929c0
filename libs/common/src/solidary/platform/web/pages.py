"""Pages of a list by keyset: a page starts after the last row of the previous one, whatever was added in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter
from sqlalchemy import Select, func, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.platform.database import Updated
from solidary.platform.web.cursors import decode_cursor, encode_cursor

T = TypeVar("T")
MAX_ITEMS = 200
CURSOR = TypeAdapter(tuple[AwareDatetime, UUID])


class Page(BaseModel, Generic[T]):
    """A part of a list, the newest items first, and the cursor of the next page."""

    items: list[T]
    next: str | None = Field(
        default=None, description="Pass as `after` for the next page; absent on the last page"
    )


class Cursor:
    """The dependency of a list: `after` and `limit` of the query."""

    def __init__(
        self,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the previous page")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_ITEMS)] = 50,
    ) -> None:
        self.limit = limit
        self.after = None if after is None else decode_cursor(after, CURSOR)


class UpdatedCursor(Cursor):
    """The dependency of a list that also shows what has changed: `updated_after`, beside `after` and `limit`."""

    def __init__(
        self,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the previous page")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_ITEMS)] = 50,
        updated_after: Annotated[
            AwareDatetime | None, Query(description="Only what was added or changed after this time")
        ] = None,
    ) -> None:
        super().__init__(after, limit)
        self.updated_after = updated_after


def where_given(query: Select[Any], wanted: Mapping[Any, Any]) -> Select[Any]:
    """Return a query with a condition for each column whose wanted value is not None: a list's filters."""
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return query


async def page_of(
    session: AsyncSession, query: Select[Any], cursor: Cursor, show: Callable[[Any], T], *, by: Any
) -> Page[T]:
    """Return one page of a query on an entity with `created` and `id` (`by`: that entity), newest first.

    An entity that is `Updated` counts as changed when it was changed last, another one when it was added.
    """
    if isinstance(cursor, UpdatedCursor) and cursor.updated_after is not None:
        changed = func.coalesce(by.updated, by.created) if issubclass(by, Updated) else by.created
        query = query.where(changed > cursor.updated_after)
    if cursor.after is not None:
        query = query.where(tuple_(by.created, by.id) < cursor.after)
    query = query.order_by(by.created.desc(), by.id.desc()).limit(cursor.limit + 1)
    rows: Sequence[Any] = (await session.scalars(query)).all()
    shown = rows[: cursor.limit]
    has_more = len(rows) > cursor.limit
    next_cursor = encode_cursor(shown[-1].created, shown[-1].id) if has_more else None
    return Page(items=[show(row) for row in shown], next=next_cursor)
