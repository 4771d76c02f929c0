"""How much one caller may send: bytes of a body, and requests in a time. Both are settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.web.answers import problem


class Limits:
    """ASGI middleware: 413 for a body over the limit, 429 for a caller over the rate.

    A caller is a token, or an address where there is none. The count is this process's own. `larger`: the
    limits of those paths that take more (`solidary.web.uploads`).
    """

    def __init__(self, app: ASGIApp, body_limit: int, rate_limit: str, larger: Mapping[str, int]) -> None:
        self.app, self.body_limit, self.larger = app, body_limit, larger
        self.rate = parse(rate_limit)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health"):
            return await self.app(scope, receive, send)
        if not await self.limiter.hit(self.rate, _caller(scope)):
            seconds = str(self.rate.get_expiry())
            slow = problem(429, "too-many-requests", "Too many requests", headers={"Retry-After": seconds})
            return await slow(scope, receive, send)
        limit = self.larger.get(scope["path"], self.body_limit)
        if _declared_length(scope) > limit:
            return await _too_large(limit)(scope, receive, send)
        return await self._bounded(limit, scope, receive, send)

    async def _bounded(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        answered = False

        async def take() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLarge
            return message

        async def give(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, take, give)
        except _TooLarge:
            if not answered:
                await _too_large(limit)(scope, receive, send)


def _too_large(limit: int) -> ASGIApp:
    return problem(413, "body-too-large", "The body is too large", f"at most {limit:,} bytes")


class _TooLarge(Exception):
    pass


def _headers(scope: Scope) -> dict[bytes, bytes]:
    return dict(scope["headers"])


def _declared_length(scope: Scope) -> int:
    length = _headers(scope).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _caller(scope: Scope) -> str:
    token = _headers(scope).get(b"authorization")
    if token is not None:
        return hashlib.sha256(token).hexdigest()
    return str((scope.get("client") or ("unknown",))[0])
