"""Large values of bytes, read in parts: no other request of the process waits while one of them is taken apart."""

from __future__ import annotations

from sqlalchemy import ColumnElement, LargeBinary, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

PART_BYTES = 256 * 1024


async def read_parts(
    session: AsyncSession, body: InstrumentedAttribute[bytes], *where: ColumnElement[bool]
) -> list[bytes]:
    """Return the value of one row in parts, all of the same moment; no part where there is no such row.

    The column has STORAGE EXTERNAL, so that PostgreSQL finds a part without reading what is before it.
    """
    begin = (
        func.generate_series(1, func.octet_length(body), PART_BYTES).table_valued("begin").render_derived()
    )
    part = func.substring(body, begin.c.begin, PART_BYTES, type_=LargeBinary)
    parts = (
        select(part)
        .select_from(body.class_)
        .join(begin, true())
        .where(*where)
        .order_by(begin.c.begin)
        .execution_options(yield_per=1)
    )
    return [each async for each in await session.stream_scalars(parts)]
