"""`GET /events`: what concerns the caller's agency, in an order that never skips a late commit.

A reader passes the last cursor and gets what came after it. Transactions still open when it asks are not passed:
the feed stops before the oldest of them (`xmin`), and says how old that horizon is. A cursor carries the
database's epoch; after a restore it is refused, and the reader starts anew.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import text

from solidary.database import UnitOfWork
from solidary.identity import Duty
from solidary.problems import Fault, Invalid, Problem
from solidary.web.caller import agency

router = APIRouter(tags=["events"])

EPOCH = text("SELECT epoch FROM machinery.epoch")
READ = text(
    """
    SELECT xid::text AS xid, pos, id, owner, type, subject, sequence, time, payload FROM machinery.feed
    WHERE agency = :agency AND (xid, pos) > (CAST(:xid AS xid8), :pos)
        AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, pos LIMIT :limit
    """
)
HORIZON = text(
    """
    SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
    """
)


class CursorOfAnotherLife(Problem):
    """The database was restored or made anew since the cursor was given."""

    status, slug, title = 410, "feed-epoch-changed", "Read the feed from its start"


class FedEvent(BaseModel):
    """A CloudEvent in JSON form."""

    specversion: str = "1.0"
    id: UUID
    type: str = Field(examples=["org.solidary.referrals.referral.accepted.v1"])
    source: str
    subject: str
    time: datetime
    agency: UUID
    sequence: int
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class Feed(BaseModel):
    """Events in order. `next` is always given: ask again with it, also when nothing came."""

    items: list[FedEvent]
    next: str
    horizon_seconds: float = Field(description="Age of the oldest open transaction the feed waits for")


def pack(epoch: UUID, xid: str, pos: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(epoch), xid, pos]).encode()).decode()


def unpack(after: str) -> tuple[UUID, str, int]:
    try:
        epoch, xid, pos = json.loads(base64.urlsafe_b64decode(after.encode()))
        return UUID(epoch), str(int(xid) & (2**64 - 1)), int(pos) & (2**63 - 1)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise Invalid(
            "the cursor is not one of ours", Fault("query: after", "pass the last `next`")
        ) from error


@router.get("/events", summary="What concerns your agency, in order")
async def feed(
    unit: Annotated[UnitOfWork, agency(Duty.INTEGRATOR, Duty.OPERATOR)],
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Feed:
    epoch = (await unit.session.execute(EPOCH)).scalar_one()
    since, xid, pos = unpack(after) if after else (epoch, "0", 0)
    if since != epoch:
        raise CursorOfAnotherLife("the database was restored; its events have new places")
    query = {"agency": unit.principal.agency, "xid": xid, "pos": pos, "limit": limit}
    rows = (await unit.session.execute(READ, query)).all()
    horizon = (await unit.session.execute(HORIZON)).scalar_one()
    if rows:
        xid, pos = rows[-1].xid, rows[-1].pos
    return Feed(
        items=[
            FedEvent(
                id=row.id,
                type=row.type,
                source=unit.source,
                subject=row.subject,
                time=row.time,
                agency=row.owner,
                sequence=row.sequence,
                data=json.loads(row.payload),
            )
            for row in rows
        ],
        next=pack(epoch, xid, pos),
        horizon_seconds=float(horizon),
    )
