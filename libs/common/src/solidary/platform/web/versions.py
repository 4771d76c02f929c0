"""`ETag` and `If-Match`: a client replaces what it has read, and nothing that somebody else wrote since then.

    @households.get("/households/{household_id}")
    @versioned(Household, PersonExternalId)
    async def read_household(...): ...

The first id of the path names a row of the first class. Its version is PostgreSQL's own (`xmin`), with the ids of the
agency's rows of the second class that are about it and are replaced as a whole. The tag is an HMAC of both: it contains
nothing about people, and does not show how many transactions the service has.

A write with `If-Match` locks the row before the route begins, so of two writes with one tag the second is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Request
from sqlalchemy import func, literal_column, null, select

from solidary.language.problems import Fault, Invalid, Problem
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.database.locks import lock_parts
from solidary.platform.web.runtime import runtime

R = TypeVar("R", bound=Callable[..., Any])

HEADER = "If-Match"
EXTENSION = "x-versioned"
"""The mark of an operation whose description gets `ETag` and `If-Match`; it is removed there."""
MAX_LENGTH = 1_000
_TAGS = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*')
_TAG = re.compile(r'(W/)?"([^"]*)"')


class VersionChanged(Problem):
    """`If-Match` names another version than the one that is recorded: somebody has changed it since it was read."""

    status, slug, title = 412, "version-changed", "This has changed since you read it"
    action = "Read it again, apply your change to what it is now, and send the new `ETag` as `If-Match`."


@dataclass(frozen=True)
class Versioned:
    """The parts of a resource that make its version: a row, and the agency's rows `about` it."""

    entity: type[AgencyEntity]
    parts: type[AgencyEntity] | None

    async def lock(self, unit: UnitOfWork, id_: UUID) -> None:
        """Let no other transaction change the resource until the unit ends.

        A row that the caller may only read stays unlocked: a route for such a caller replaces the parts alone.
        """
        table = self.entity.__table__
        await unit.session.execute(select(table.c.id).where(table.c.id == id_).with_for_update())
        if self.parts is not None:
            await lock_parts(unit, id_)

    async def tag(self, unit: UnitOfWork, id_: UUID, key: bytes) -> str | None:
        """Return the resource's entity tag; None where there is no row within reach. One statement."""
        table: Any = self.entity.__table__
        parts: Any = null()
        if self.parts is not None:
            part = self.parts.__table__
            own = (part.c.agency == unit.principal.agency, part.c.about == id_)
            parts = select(func.array_agg(part.c.id)).where(*own).scalar_subquery()
        version: Any = select(literal_column(f"{table.name}.xmin::text"), parts).select_from(table)
        found = (await unit.session.execute(version.where(table.c.id == id_))).first()
        if found is None:
            return None
        row, ids = found
        named = "\n".join(["etag", str(table), str(id_), row, *sorted(map(str, ids or ()))])
        digest = hmac.new(key, named.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest[:18]).decode()


def versioned(entity: type[AgencyEntity], parts: type[AgencyEntity] | None = None) -> Callable[[R], R]:
    """Give the answers of a route an `ETag`, and let it take `If-Match`."""

    def mark(endpoint: R) -> R:
        endpoint.__dict__["versioned"] = Versioned(entity, parts)
        return endpoint

    return mark


def versioned_of(endpoint: object) -> Versioned | None:
    """Return what the version of a route's resource is made of; None where the route has none."""
    found: Versioned | None = getattr(endpoint, "versioned", None)
    return found


@asynccontextmanager
async def at_version(unit: UnitOfWork, request: Request) -> AsyncIterator[None]:
    """Run the route on the version that the request names, and leave the tag for the answer.

    Raises VersionChanged, and Invalid for a header that is no list of tags or that the route does not take. A tag that
    was read before the answer's content is at most too old, so a content is never taken for a newer one.
    """
    resource = versioned_of(request.scope["route"].endpoint)
    expected = ",".join(request.headers.getlist(HEADER)) or None
    if resource is None:
        if expected is not None:
            raise _invalid("This request takes no If-Match: leave it out.")
        yield
        return
    id_ = _first_id(request)
    if id_ is None:  # the route answers what is wrong with its path
        yield
        return
    key = runtime(request).settings.request_secret
    is_read = request.method == "GET"
    if expected is not None and not is_read:
        await resource.lock(unit, id_)
    tag = await resource.tag(unit, id_, key) if is_read or expected is not None else None
    if expected is not None and tag is not None and not matches(expected, tag):
        raise VersionChanged
    yield
    if not is_read:
        await unit.session.flush()
        tag = await resource.tag(unit, id_, key)
    if tag is not None:
        request.state.etag = f'"{tag}"'


def matches(if_match: str, tag: str) -> bool:
    """Return whether a header names the tag (RFC 9110, 13.1.1: by strong comparison). Raises Invalid."""
    if if_match.strip() == "*":
        return True
    if len(if_match) > MAX_LENGTH or not _TAGS.fullmatch(if_match):
        raise _invalid('Send the ETag of the last answer as it came, in its quotation marks: "…".')
    return any(not weak and name == tag for weak, name in _TAG.findall(if_match))


def _first_id(request: Request) -> UUID | None:
    try:
        return UUID(next(iter(request.path_params.values())))
    except ValueError:
        return None


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, Fault(f"header: {HEADER.lower()}", sentence))
