"""`GET /imports`: the imports of the agency and the reports of their rows, in each service that has some."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter
from sqlalchemy import func, select, tuple_

from solidary.platform.bulk.models import BulkImport, BulkRow
from solidary.platform.bulk.rules import RowState
from solidary.platform.bulk.schemas import ImportOut, ImportReportOut, RowOut, RowsOut
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web.access import agency
from solidary.platform.web.cursors import decode_cursor, encode_cursor
from solidary.platform.web.pages import MAX_ITEMS, Page, UpdatedCursor, page_of, where_given

POSITION: TypeAdapter[tuple[int, UUID]] = TypeAdapter(tuple[int, UUID])


def report_router(*duties: Duty) -> APIRouter:
    """Return the routes that show imports and their reports to members with one of these duties."""
    router = APIRouter(tags=["imports"])

    @router.get("/imports", summary="List the imports of your agency, newest first")
    async def list_imports(
        unit: Annotated[UnitOfWork, agency(*duties)],
        cursor: Annotated[UpdatedCursor, Depends()],
        kind: Annotated[str | None, Query(max_length=60)] = None,
        dry_run: bool | None = None,
    ) -> Page[ImportOut]:
        own = where_given(
            select(BulkImport).where(BulkImport.agency == unit.principal.agency),
            {BulkImport.kind: kind, BulkImport.dry_run: dry_run},
        )
        return await page_of(unit.session, own, cursor, ImportOut.model_validate, by=BulkImport)

    @router.get("/imports/{import_id}", summary="Read an import with the number of its rows in each state")
    async def read_import(unit: Annotated[UnitOfWork, agency(*duties)], import_id: UUID) -> ImportReportOut:
        found = await unit.get(BulkImport, import_id)
        counted = (
            select(BulkRow.state, func.count())
            .where(BulkRow.agency == unit.principal.agency, BulkRow.root == import_id)
            .group_by(BulkRow.state)
        )
        states = {RowState(state): count for state, count in await unit.session.execute(counted)}
        return ImportReportOut(**ImportOut.model_validate(found).model_dump(), states=states)

    @router.get("/imports/{import_id}/rows", summary="List what became of each row of an import, by line")
    async def list_rows(
        unit: Annotated[UnitOfWork, agency(*duties)],
        import_id: UUID,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the previous page")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_ITEMS)] = 50,
        state: RowState | None = None,
    ) -> RowsOut:
        found = await unit.get(BulkImport, import_id)
        wanted = where_given(
            select(BulkRow).where(BulkRow.agency == unit.principal.agency, BulkRow.root == found.id),
            {BulkRow.state: state},
        )
        if after is not None:
            wanted = wanted.where(tuple_(BulkRow.line, BulkRow.id) > decode_cursor(after, POSITION))
        rows = (await unit.session.scalars(wanted.order_by(BulkRow.line, BulkRow.id).limit(limit + 1))).all()
        last = rows[limit - 1] if len(rows) > limit else None
        return RowsOut(
            items=[RowOut.model_validate(row) for row in rows[:limit]],
            next=None if last is None else encode_cursor(last.line, last.id),
        )

    return router
