"""The admission of requests: the rate of each caller, and the size, the pace and the text of bodies."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from math import ceil
from typing import ClassVar, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from solidary.language.problems import Fault, Invalid, Problem, count_of
from solidary.language.text import fault_in_text, unreadable_in
from solidary.platform.identity import AGENCY_HEADER, Claims, TokenInvalid, bearer_token
from solidary.platform.settings import Rate
from solidary.platform.telemetry.metrics import TOKENS_REFUSED
from solidary.platform.web.bodies import Body, BodyReader, too_large
from solidary.platform.web.error_handlers import problem_response
from solidary.platform.web.front_door import is_through_front_door
from solidary.platform.web.json_text import read_body
from solidary.platform.web.request_state import Verified, service_path
from solidary.platform.web.runtime import runtime

REMEMBERED_CALLERS = 100_000
"""The most callers that one process counts; the one that has been silent the longest is forgotten first."""
IPV6_PREFIX = 64
"""The bits of an IPv6 address that all addresses of one subscriber share."""


SMALL_BODY = 64 * 1024
"""The bytes up to which a body is checked at once; a larger one is checked in a thread, beside other requests.

It is also the most that somebody without a login may send: 4,000 characters of any script, and a few other fields.
"""


PageCaller: TypeAlias = Callable[[Request], str | None]
"""The function that returns by whom a page's request is counted, or None for its address."""


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
    """ASGI middleware that admits a request: it counts its caller, and reads and checks its body.

    A caller is the subject of a verified token; without one, or with an invalid one, it is the address. So neither a
    new token nor an invented one starts a new count. A service of the platform is a caller for each agency that it acts
    for, so that one agency's work does not stop another's. The pages of a front end may name a caller of their own
    (`page_caller`). Each process counts for itself.

    Without a valid token no body is read, except at the paths of `public_forms`, and of the forms of pages
    (`takes_forms`). What is posted through the front door to `public_forms` counts a second time, at a slower rate by
    address; the instance's own pages, which call services directly, have counted it themselves. The verified token
    and the body are left for the route (`request_state`). `upload_limits`: the limits of the paths that accept larger
    bodies.
    """

    def __init__(
        self,
        app: ASGIApp,
        body_limit: int,
        rate: Rate,
        upload_limits: Mapping[str, int],
        takes_forms: bool = False,
        public_forms: Collection[str] = (),
        form_rate: Rate | None = None,
        page_caller: PageCaller | None = None,
    ) -> None:
        self.app, self.body_limit, self.upload_limits = app, body_limit, upload_limits
        self.takes_forms, self.public_forms = takes_forms, frozenset(public_forms)
        self.form_counter, self.page_caller = RateCounter(form_rate or rate), page_caller
        self.counter, self.bodies = RateCounter(rate), BodyReader()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        verified = request.state.verified = await _verify(request)
        caller = _caller(request, verified, self.page_caller)
        is_form = request.method == "POST" and service_path(scope) in self.public_forms
        wait = self.counter.count(caller)
        if not wait and is_form and is_through_front_door(request):
            wait = self.form_counter.count(_address(scope))
        if wait > 0:
            headers = {"Retry-After": str(max(1, ceil(wait)))}
            await problem_response(TooManyRequests(), headers)(scope, receive, send)
        elif faults := [*_parameter_faults(request)]:
            await problem_response(_invalid(faults))(scope, receive, send)
        elif isinstance(verified, Problem) and not (is_form or (self.takes_forms and _is_form(request))):
            request.state.body = Body()
            await self.app(scope, request.state.body.replay(receive), send)
        else:
            with suppress(ClientDisconnect):
                await self._serve(request, caller, receive, send)

    async def _serve(self, request: Request, caller: str, receive: Receive, send: Send) -> None:
        """Read the body and check it, then call the application."""
        scope, upload_limit = request.scope, self.upload_limits.get(service_path(request.scope))
        limit = upload_limit or self.body_limit
        if isinstance(request.state.verified, Problem) and service_path(scope) in self.public_forms:
            limit = min(limit, SMALL_BODY)
        try:
            if _declared_length(scope) > limit:
                raise too_large(limit)
            async with self.bodies.read(receive, caller=caller, limit=limit) as body:
                request.state.body = body
                if upload_limit is None and body.size and _is_json(request):
                    await _check_body(body)
                await self.app(scope, body.replay(receive), send)
        except Problem as refused:
            await problem_response(refused)(scope, receive, send)


async def _verify(request: Request) -> Verified:
    try:
        return await runtime(request).verifier.verify(bearer_token(request.headers.get("authorization")))
    except Problem as refused:
        if isinstance(refused, TokenInvalid):
            TOKENS_REFUSED.add({"error.type": refused.slug})
        return refused


def _invalid(faults: Sequence[Fault]) -> Invalid:
    return Invalid(f"The request has {count_of(len(faults), 'fault')}.", *faults)


def _caller(request: Request, verified: Verified, page_caller: PageCaller | None) -> str:
    if not isinstance(verified, Claims):
        is_page = page_caller is not None and is_through_front_door(request)
        return (page_caller(request) if is_page and page_caller else None) or _address(request.scope)
    agency = request.headers.get(AGENCY_HEADER, "")[:36] if verified.service else ""
    return f"{verified.subject} {agency}"


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" and is_through_front_door(request)


def _parameter_faults(request: Request) -> Iterator[Fault]:
    for name, value in request.query_params.multi_items():
        if reason := unreadable_in(name) or (fault_in_text(value) if value else None):
            yield Fault(f"query: {name}".replace("\0", ""), reason)
    if "\0" in request.scope["path"]:
        yield Fault("path", "The path has the character U+0000. Leave it out.")


async def _check_body(body: Body) -> None:
    """Fold the texts of a JSON body. Raises Invalid where it has faults that no schema is to judge."""
    content = body.content()
    folded, faults = (
        read_body(content) if len(content) < SMALL_BODY else await asyncio.to_thread(read_body, content)
    )
    if faults:
        raise _invalid(faults)
    body.replace(folded)


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
