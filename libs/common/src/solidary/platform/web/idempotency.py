"""`Idempotency-Key`: a POST that is sent twice has its effect once, and both get the response.

An HMAC of the request and the location of its result (the response's `Location`) are stored with the effect, in its
transaction, but never the response. A repeated request is answered by reading the result again. The same key with
another query or body is refused.
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
from solidary.platform.web.request_state import body_of, service_path
from solidary.platform.web.runtime import runtime

CLAIM_KEY = text(
    """
    INSERT INTO machinery.idempotency (agency, subject, key, request_digest)
    VALUES (:agency, :subject, :key, '') ON CONFLICT DO NOTHING RETURNING key
    """
)
RECORD_RESULT = text(
    """
    UPDATE machinery.idempotency SET request_digest = :digest, result = :result
    WHERE (agency, subject, key) = (:agency, :subject, :key)
    """
)
READ_RESULT = text(
    """
    SELECT request_digest, result FROM machinery.idempotency
    WHERE (agency, subject, key) = (:agency, :subject, :key)
    """
)


class KeyReused(Conflict):
    """An Idempotency-Key was used before, with another request."""

    slug, title = "idempotency-key-reused", "This Idempotency-Key was used for another request"
    action = "Send a new key with a new request, and the same key only to repeat the same request."


class RequestRepeated(Exception):
    """The request was handled before; `status` and `location` are those of its response."""

    def __init__(self, status: int, location: str) -> None:
        super().__init__(location)
        self.status, self.location = status, location


@asynccontextmanager
async def idempotent(
    unit: UnitOfWork, request: Request, response: Response, key: str, *, instead_of_body: bytes | None = None
) -> AsyncIterator[None]:
    """Claim the key, run the route, and record the location of its result. Raises RequestRepeated, KeyReused.

    `instead_of_body` is what the digest covers where a digest of the body would give its content away: a body of few
    possible values is found by trying them.
    """
    values = {"agency": unit.principal.agency, "subject": unit.principal.subject, "key": key}
    claimed = (await unit.session.execute(CLAIM_KEY, values)).first()
    if claimed is None:
        earlier = (await unit.session.execute(READ_RESULT, values)).one()
        if not hmac.compare_digest(bytes(earlier.request_digest), _digest(request, instead_of_body)):
            raise KeyReused
        status, location = earlier.result.split(" ", 1)
        raise RequestRepeated(int(status), location)
    yield
    location = response.headers.get("location")
    if location is None:
        raise RuntimeError(f"{request.url.path} accepts an Idempotency-Key but sets no Location.")
    status = response.status_code or request.scope["route"].status_code or 200
    await unit.session.execute(
        RECORD_RESULT,
        {**values, "digest": _digest(request, instead_of_body), "result": f"{status} {location}"},
    )


@asynccontextmanager
async def idempotent_if_keyed(unit: UnitOfWork, request: Request, response: Response) -> AsyncIterator[None]:
    """Claim the request's key, where it has one. For a route that calls another service before it writes."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        yield
        return
    async with idempotent(unit, request, response, key):
        yield


def _digest(request: Request, instead_of_body: bytes | None) -> bytes:
    """Return the HMAC of the whole request."""
    secret = runtime(request).settings.request_secret
    target = f"{request.method} {service_path(request.scope)}?{request.url.query}".encode()
    content = body_of(request).hash.digest() if instead_of_body is None else instead_of_body
    return hmac.new(secret, target + b"\n" + content, hashlib.sha256).digest()
