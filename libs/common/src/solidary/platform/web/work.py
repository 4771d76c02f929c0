"""`GET /work`: long work that your agency asked for, and how far it is. The same in every service.

A route that asks for it answers 202 with `Location: /work/{id}`; there `result` says where what came of it is
read, or `failure` why nothing did: the problem that a short request would have answered with.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, computed_field
from sqlalchemy import select

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Work
from solidary.platform.web.caller import agency
from solidary.platform.web.pages import Cursor, Page, page_of

router = APIRouter(tags=["work"])
Member = Annotated[UnitOfWork, agency()]
LOOK_AGAIN_SECONDS = "1"


class WorkState(StrEnum):
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


class FaultOut(BaseModel):
    pointer: str
    detail: str


class FailureOut(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(examples=["urn:solidary:problem:conflict"])
    title: str
    status: int
    detail: str | None = None
    errors: list[FaultOut] | None = None


class WorkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    what: str = Field(examples=["allocate"])
    done: int
    total: int | None = Field(description="Absent while it is not known")
    finished: datetime | None
    failure: FailureOut | None = Field(description="Why nothing came of it")
    result: str | None = Field(
        description="Where what comes of it is read", examples=["/plans/6f…/allocation"]
    )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> WorkState:
        if self.finished is None:
            return WorkState.UNDER_WAY
        return WorkState.FAILED if self.failure else WorkState.DONE


def accepted(work: Work, response: Response) -> WorkOut:
    """The answer of a route that asked for long work; the route says `status_code=202`."""
    response.headers["Location"] = f"/work/{work.id}"
    response.headers["Retry-After"] = LOOK_AGAIN_SECONDS
    return WorkOut.model_validate(work)


@router.get("/work", summary="Long work that your agency asked for, the newest first")
async def list_(unit: Member, cursor: Annotated[Cursor, Depends()]) -> Page[WorkOut]:
    mine = select(Work).where(Work.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, WorkOut.model_validate, by=Work)


@router.get("/work/{work_id}", summary="How far a piece of work is, and what came of it")
async def read(unit: Member, work_id: UUID, response: Response) -> WorkOut:
    work = WorkOut.model_validate(await unit.get(Work, work_id))
    if work.state is WorkState.UNDER_WAY:
        response.headers["Retry-After"] = LOOK_AGAIN_SECONDS
    return work
