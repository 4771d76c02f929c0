"""Limits on the size of a body and on the rate of a caller's requests. Both are settings."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import ceil
from typing import ClassVar

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.language.problems import Problem
from solidary.platform.identity import Claims, bearer_token
from solidary.platform.settings import Rate
from solidary.platform.web.error_handlers import problem_response
from solidary.platform.web.request_state import Body, Verified
from solidary.platform.web.runtime import runtime

REMEMBERED_CALLERS = 100_000
"""The most callers that one process counts; the one that has been silent the longest is forgotten first."""
IPV6_PREFIX = 64
"""The bits of an IPv6 address that all addresses of one subscriber share."""


class BodyTooLarge(Problem):
    """The body has more bytes than the route accepts."""

    status, slug, title = 413, "body-too-large", "The body is too large"
    action = "Send a smaller body: the detail gives the limit in bytes."


class TooManyRequests(Problem):
    """The caller has sent more requests than its rate allows."""

    status, slug, title = 429, "too-many-requests", "Too many requests"
    action = "Send the same request again after the time that `Retry-After` gives."
    headers: ClassVar = {"Retry-After": "1"}


class RateCounter:
    """The rate of each caller's requests, by the generic cell rate algorithm (GCRA).

    A caller may send all requests of a period at once, and later ones at the rate's pace. There is one number for each
    caller: the moment at which its requests so far are paid for. A request costs a few steps, however many callers
    there are; callers whose moment has passed are forgotten as others come.
    """

    def __init__(
        self,
        rate: Rate,
        *,
        remember: int = REMEMBERED_CALLERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval, self._period = rate.seconds / rate.requests, rate.seconds
        self._remember, self._clock = remember, clock
        self._paid_until: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._paid_until)

    def count(self, caller: str) -> float:
        """Count a request and return 0; or return the seconds that the caller must wait, without counting it."""
        now = self._clock()
        self._forget(now)
        paid_until = max(self._paid_until.get(caller, now), now) + self._interval
        if paid_until - now > self._period * (1 + 1e-9):
            return paid_until - now - self._period
        self._paid_until[caller] = paid_until
        self._paid_until.move_to_end(caller)
        return 0

    def _forget(self, now: float) -> None:
        for _ in range(2):
            oldest = next(iter(self._paid_until), None)
            if oldest is not None and (
                self._paid_until[oldest] <= now or len(self._paid_until) >= self._remember
            ):
                del self._paid_until[oldest]


class Limits:
    """ASGI middleware that answers 429 to a caller over the rate and 413 to a body over the limit.

    A caller is the subject of a verified token; without one, or with an invalid one, it is the address. So neither a
    new token nor an invented one starts a new count. Each process counts for itself. The verified token and the body
    are left for the route (`request_state`). `upload_limits`: the limits of the paths that accept larger bodies.
    """

    def __init__(self, app: ASGIApp, body_limit: int, rate: Rate, upload_limits: Mapping[str, int]) -> None:
        self.app, self.body_limit, self.upload_limits = app, body_limit, upload_limits
        self.counter = RateCounter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health"):
            return await self.app(scope, receive, send)
        request = Request(scope)
        verified = request.state.verified = await _verify(request)
        wait = self.counter.count(str(verified.subject) if isinstance(verified, Claims) else _address(scope))
        if wait > 0:
            return await _too_many_requests(wait)(scope, receive, send)
        body = request.state.body = Body(self.upload_limits.get(scope["path"], self.body_limit))
        if _declared_length(scope) > body.limit:
            return await _body_too_large(body.limit)(scope, receive, send)
        return await self._call_bounded(body, scope, receive, send)

    async def _call_bounded(self, body: Body, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def receive_bounded() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.add(message)
            return message

        async def send_or_refuse(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and body.is_too_large:
                refused = True
                await _body_too_large(body.limit)(scope, receive, send)
            elif not refused:
                await send(message)

        await self.app(scope, receive_bounded, send_or_refuse)


async def _verify(request: Request) -> Verified:
    try:
        return await runtime(request).verifier.verify(bearer_token(request.headers.get("authorization")))
    except Problem as refused:
        return refused


def _body_too_large(limit: int) -> ASGIApp:
    return problem_response(BodyTooLarge(f"At most {limit:,} bytes are possible here."))


def _too_many_requests(wait: float) -> ASGIApp:
    return problem_response(TooManyRequests(), {"Retry-After": str(max(1, ceil(wait)))})


def _declared_length(scope: Scope) -> int:
    """Return the request's Content-Length; of a longer number the first 18 digits, which exceed every limit."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:18]) if length.isdigit() else 0


def _address(scope: Scope) -> str:
    host = str((scope.get("client") or ("unknown",))[0])
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], IPV6_PREFIX), strict=False))
    except ValueError:
        return host
