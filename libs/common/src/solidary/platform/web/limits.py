"""How much one caller may send: bytes of a body, and requests in a time. Both are settings."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import ceil

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.language.problems import Problem
from solidary.platform.identity import Claims, bearer
from solidary.platform.settings import Rate
from solidary.platform.web.error_handlers import problem
from solidary.platform.web.request_state import Body, Verified
from solidary.platform.web.runtime import runtime

REMEMBERED = 100_000
"""Callers that one process counts at most; the one that has been silent the longest is forgotten first."""
NEIGHBOURS = 64
"""Bits of an IPv6 address that one subscriber has in common with itself."""


class Counter:
    """For each caller the moment at which its requests so far will have been paid for, at the rate's pace.

    A whole rate at once is allowed, then as many as come due (GCRA). One number a caller, and a few steps a request,
    however many callers there are; who owes nothing is forgotten as others come.
    """

    def __init__(
        self, rate: Rate, *, remember: int = REMEMBERED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._whole = rate.seconds / rate.requests, rate.seconds
        self._remember, self._clock = remember, clock
        self._paid: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._paid)

    def hit(self, caller: str) -> float:
        """Counts a request. Returns 0, or the seconds that the caller must wait; those requests are not counted."""
        now = self._clock()
        self._forget(now)
        paid = max(self._paid.get(caller, now), now) + self._each
        if paid - now > self._whole * (1 + 1e-9):
            return paid - now - self._whole
        self._paid[caller] = paid
        self._paid.move_to_end(caller)
        return 0

    def _forget(self, now: float) -> None:
        for _ in range(2):
            oldest = next(iter(self._paid), None)
            if oldest is not None and (self._paid[oldest] <= now or len(self._paid) >= self._remember):
                del self._paid[oldest]


class Limits:
    """ASGI middleware: 429 for a caller over the rate, 413 for a body over the limit.

    A caller is whom a verified token names; without one, or with a token that is refused, the address. So neither a
    new token nor a made-up one begins a new count. The count is this process's own. What was found out is left for the
    route (`verified`, `body`). `larger`: the limits of those paths that take more (`solidary.platform.web.uploads`).
    """

    def __init__(self, app: ASGIApp, body_limit: int, rate: Rate, larger: Mapping[str, int]) -> None:
        self.app, self.body_limit, self.larger = app, body_limit, larger
        self.counter = Counter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health"):
            return await self.app(scope, receive, send)
        request = Request(scope)
        found = request.state.verified = await _verify(request)
        wait = self.counter.hit(str(found.subject) if isinstance(found, Claims) else _address(scope))
        if wait > 0:
            return await _too_many(wait)(scope, receive, send)
        body = request.state.body = Body(self.larger.get(scope["path"], self.body_limit))
        if _declared_length(scope) > body.limit:
            return await _too_large(body.limit)(scope, receive, send)
        return await self._bounded(body, scope, receive, send)

    async def _bounded(self, body: Body, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def take() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.take(message)
            return message

        async def give(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and body.over:
                refused = True
                await _too_large(body.limit)(scope, receive, send)
            elif not refused:
                await send(message)

        await self.app(scope, take, give)


async def _verify(request: Request) -> Verified:
    try:
        return await runtime(request).verifier.verify(bearer(request.headers.get("authorization")))
    except Problem as refused:
        return refused


def _too_large(limit: int) -> ASGIApp:
    return problem(413, "body-too-large", "The body is too large", f"at most {limit:,} bytes")


def _too_many(wait: float) -> ASGIApp:
    return problem(
        429, "too-many-requests", "Too many requests", headers={"Retry-After": str(max(1, ceil(wait)))}
    )


def _declared_length(scope: Scope) -> int:
    """What the request says of its length; one of more digits than any limit has is as good as endless."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:18]) if length.isdigit() else 0


def _address(scope: Scope) -> str:
    host = str((scope.get("client") or ("unknown",))[0])
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], NEIGHBOURS), strict=False))
    except ValueError:
        return host
