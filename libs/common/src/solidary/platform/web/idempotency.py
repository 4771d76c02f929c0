"""`Idempotency-Key`: the same POST, sent twice, acts once and is answered twice.

Kept with the effect, in its transaction: an HMAC of the request and where its result stands (the answer's
`Location`), never the answer. A repetition is answered by reading the result again. The same key with another
query or body is refused. The body's digest is taken as it passes, so a large one need not be held for it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request, Response
from sqlalchemy import text

from solidary.language.problems import Conflict
from solidary.platform.database import UnitOfWork
from solidary.platform.web.request_state import body_of
from solidary.platform.web.runtime import runtime

CLAIM = text(
    """
    INSERT INTO machinery.idempotency (agency, subject, key, request)
    VALUES (:agency, :subject, :key, '') ON CONFLICT DO NOTHING RETURNING key
    """
)
SETTLE = text(
    """
    UPDATE machinery.idempotency SET request = :request, result = :result
    WHERE (agency, subject, key) = (:agency, :subject, :key)
    """
)
FOUND = text(
    "SELECT request, result FROM machinery.idempotency WHERE (agency, subject, key) = (:agency, :subject, :key)"
)


class KeyReused(Conflict):
    """The key came before with another request."""

    slug, title = "idempotency-key-reused", "This Idempotency-Key was used for another request"


class Repeated(Exception):
    """The request came before; `status` and `location` say how it was answered."""

    def __init__(self, status: int, location: str) -> None:
        super().__init__(location)
        self.status, self.location = status, location


@asynccontextmanager
async def idempotent(unit: UnitOfWork, request: Request, response: Response, key: str) -> AsyncIterator[None]:
    """Claims the key, runs the route, and keeps where its result stands. Raises Repeated, KeyReused."""
    mine = {"agency": unit.principal.agency, "subject": unit.principal.subject, "key": key}
    claimed = (await unit.session.execute(CLAIM, mine)).first()
    if claimed is None:
        before = (await unit.session.execute(FOUND, mine)).one()
        if not hmac.compare_digest(bytes(before.request), await _digest(request)):
            raise KeyReused("send a new key with a new request")
        status, location = before.result.split(" ", 1)
        raise Repeated(int(status), location)
    yield
    location = response.headers.get("location")
    if location is None:
        raise RuntimeError(f"{request.url.path} takes an Idempotency-Key but sets no Location")
    status = response.status_code or request.scope["route"].status_code or 200
    await unit.session.execute(
        SETTLE, {**mine, "request": await _digest(request), "result": f"{status} {location}"}
    )


async def _digest(request: Request) -> bytes:
    """Of the whole request; what the route did not read of the body is passed over, not kept."""
    body = body_of(request)
    if not body.ended:
        async for _ in request.stream():
            pass
    secret = runtime(request).settings.secret.get_secret_value().encode()
    target = f"{request.method} {request.url.path}?{request.url.query}".encode()
    return hmac.new(secret, target + b"\n" + body.hash.digest(), hashlib.sha256).digest()
