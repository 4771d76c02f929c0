"""`GET /work`: long work that your agency started, and its progress. The same in every service.

A route that starts long work answers 202 with `Location: /work/{id}`. There `result` is the path at which the result is
read, or `failure` is the problem with which a short request would have been answered.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, computed_field
from sqlalchemy import select

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Work
from solidary.platform.web.access import agency
from solidary.platform.web.created import created
from solidary.platform.web.pages import Page, UpdatedCursor, page_of, where_given

router = APIRouter(tags=["work"])
Member = Annotated[UnitOfWork, agency()]
RETRY_SECONDS = "1"


class WorkState(StrEnum):
    """The state of long work."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class WorkFault(BaseModel):
    """One wrong place in the input."""

    pointer: str
    detail: str


class WorkFailure(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(examples=["urn:solidary:problem:conflict"])
    title: str
    status: int
    detail: str | None = None
    errors: list[WorkFault] | None = None


class WorkOut(BaseModel):
    """A piece of long work and its progress."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    kind: str = Field(examples=["allocate"])
    done: int
    total: int | None = Field(description="Absent while it is not known")
    finished: datetime | None
    failure: WorkFailure | None = Field(description="The problem for which the work has no result")
    result: str | None = Field(
        description="The path at which the result is read", examples=["/plans/6f…/allocation"]
    )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> WorkState:
        """The state, from `finished` and `failure`."""
        if self.finished is None:
            return WorkState.RUNNING
        return WorkState.FAILED if self.failure else WorkState.DONE


_IN_STATE = {
    WorkState.RUNNING: (Work.finished.is_(None),),
    WorkState.DONE: (Work.finished.is_not(None), Work.failure.is_(None)),
    WorkState.FAILED: (Work.finished.is_not(None), Work.failure.is_not(None)),
}


def accepted(work: Work, response: Response) -> WorkOut:
    """Return the response of a route that started long work; the route declares `status_code=202`."""
    response.headers["Retry-After"] = RETRY_SECONDS
    return WorkOut.model_validate(created(work, response))


@router.get("/work", summary="List the long work that your agency started, newest first")
async def list_(
    unit: Member,
    cursor: Annotated[UpdatedCursor, Depends()],
    state: WorkState | None = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[WorkOut]:
    own = where_given(select(Work).where(Work.agency == unit.principal.agency), {Work.kind: kind})
    if state is not None:
        own = own.where(*_IN_STATE[state])
    return await page_of(unit.session, own, cursor, WorkOut.model_validate, by=Work)


@router.get("/work/{work_id}", summary="Read the progress and the result of long work")
async def read(unit: Member, work_id: UUID, response: Response) -> WorkOut:
    work = WorkOut.model_validate(await unit.get(Work, work_id))
    if work.state is WorkState.RUNNING:
        response.headers["Retry-After"] = RETRY_SECONDS
    return work
