"""Pages of a list by keyset: a page starts after the last row of the previous one, whatever was added in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

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


async def page_of(
    session: AsyncSession, query: Select[Any], cursor: Cursor, show: Callable[[Any], T], *, by: Any
) -> Page[T]:
    """Return one page of a query on an entity with `created` and `id` (`by`: that entity), newest first."""
    if cursor.after is not None:
        query = query.where(tuple_(by.created, by.id) < cursor.after)
    query = query.order_by(by.created.desc(), by.id.desc()).limit(cursor.limit + 1)
    rows: Sequence[Any] = (await session.scalars(query)).all()
    shown = rows[: cursor.limit]
    has_more = len(rows) > cursor.limit
    next_cursor = encode_cursor(shown[-1].created, shown[-1].id) if has_more else None
    return Page(items=[show(row) for row in shown], next=next_cursor)
