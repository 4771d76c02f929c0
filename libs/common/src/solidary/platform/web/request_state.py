"""What is found out of a request when it arrives (`solidary.platform.web.limits`), for the route behind."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from solidary.language.problems import Problem
from solidary.platform.identity import Claims

Verified: TypeAlias = Claims | Problem
"""What a request's token claims, or why it is refused."""


class BodyTooLarge(HTTPException):
    """An HTTPException, because FastAPI makes any other failure of reading a body a 400."""

    def __init__(self) -> None:
        super().__init__(413)


class Body:
    """A request's body as it passes: how many bytes, their digest, and whether that was all."""

    def __init__(self, limit: int) -> None:
        self.taken, self.limit, self.over, self.ended = 0, limit, False, False
        self.hash = hashlib.sha256()

    def take(self, message: Message) -> None:
        """Raises BodyTooLarge."""
        chunk = message.get("body", b"")
        self.taken += len(chunk)
        self.over = self.taken > self.limit
        self.ended = not message.get("more_body", False)
        if self.over:
            raise BodyTooLarge
        self.hash.update(chunk)


def verified(request: Request) -> Claims:
    """What the request's token claims. Raises what it is refused with."""
    found: Verified = request.state.verified
    if isinstance(found, Problem):
        raise found
    return found


def body_of(request: Request) -> Body:
    """The request's body as it has passed so far."""
    body: Body = request.state.body
    return body
