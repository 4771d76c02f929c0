"""The state of a request that the middleware (`solidary.platform.web.limits`) leaves for the route."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from solidary.language.problems import Problem
from solidary.platform.identity import Claims

Verified: TypeAlias = Claims | Problem
"""The claims of a request's token, or the problem for which it is refused."""


class BodyLimitExceeded(HTTPException):
    """A body is larger than its limit; an HTTPException, since FastAPI turns other errors of reading into a 400."""

    def __init__(self) -> None:
        super().__init__(413)


class Body:
    """A request's body as it is read: its size so far, its digest, and whether it is complete."""

    def __init__(self, limit: int) -> None:
        self.size, self.limit, self.is_too_large, self.is_complete = 0, limit, False, False
        self.hash = hashlib.sha256()

    def add(self, message: Message) -> None:
        """Add a part of the body. Raises BodyLimitExceeded."""
        chunk = message.get("body", b"")
        self.size += len(chunk)
        self.is_too_large = self.size > self.limit
        self.is_complete = not message.get("more_body", False)
        if self.is_too_large:
            raise BodyLimitExceeded
        self.hash.update(chunk)


def verified_claims(request: Request) -> Claims:
    """Return the claims of the request's token. Raises the problem for which it is refused."""
    verified: Verified = request.state.verified
    if isinstance(verified, Problem):
        raise verified
    return verified


def body_of(request: Request) -> Body:
    """Return the request's body as it has been read so far."""
    body: Body = request.state.body
    return body
