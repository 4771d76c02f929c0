"""The access log, for auditors and data protection officers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency
from solidary.platform.web.work import WorkOut, accepted

from intake.registry.access_log import queries
from intake.registry.access_log.jobs import request_verification
from intake.registry.access_log.schemas import AccessOut, ChainOut, PublishedSeal, VerificationIn

router = APIRouter(tags=["access-log"])
Auditor = Annotated[UnitOfWork, agency(Duty.AUDITOR, Duty.DATA_PROTECTION_OFFICER)]


def _published_seal(
    number: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    digest: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
) -> PublishedSeal | None:
    """Return the seal that a request names. Raises Invalid for half of one."""
    if number is None and digest is None:
        return None
    if number is None or digest is None:
        missing = "/number" if number is None else "/digest"
        raise Invalid(
            "Half of a seal was sent.", Fault(missing, "Send the number and the digest of the seal.")
        )
    return PublishedSeal(number, bytes.fromhex(digest))


@router.get("/access-log")
async def list_access_entries(
    unit: Auditor, cursor: Annotated[UpdatedCursor, Depends()], about: UUID | None = None
) -> Page[AccessOut]:
    """List who read or wrote what, the newest first; `about` limits the list to one person or search."""
    return await queries.list_entries(unit, cursor, about)


@router.get("/access-log/chain")
async def check_access_log_chain(
    unit: Auditor, published: Annotated[PublishedSeal | None, Depends(_published_seal)]
) -> ChainOut:
    """Read what the newest verification found; `number` and `digest` are those of a published seal to compare."""
    return await queries.check_chain(unit, published)


@router.post("/access-log/verifications", status_code=202)
async def verify_access_log(unit: Auditor, body: VerificationIn, response: Response) -> WorkOut:
    """Verify the chain of seals over the access log: those since the last verification, or all."""
    return accepted(await request_verification(unit, whole=body.whole), response)
