"""HTTP requests, incoming and outgoing: one span per request, named by its route, and one measurement without it.

A count by route would show, in a quiet hour, what was done for the person who has just left the desk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from solidary.platform.telemetry.metrics import REQUEST_DURATION
from solidary.platform.telemetry.spans import parse, request_id, span, traceparent

if TYPE_CHECKING:
    import httpx
    from fastapi.telemetry import TelemetryConfig

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

NATIVE_OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""For `FastAPI(telemetry=NATIVE_OFF)`: its own spans, on by default, record paths, queries and addresses."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class TraceRequests:
    """ASGI middleware that continues the caller's trace in a server span.

    The span is named by method and route template (`GET /people/{person_id}`): a path or a query may hold what
    somebody searched for and is never recorded. Only `FrontDoor` and `RequestId` are around it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        started = perf_counter()
        status: int | None = None

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with span(method, kind=SpanKind.SERVER, parent=_caller(scope)) as current:
            if (named := request_id.get()) is not None:
                current.set_attribute("solidary.request_id", named)
            try:
                await self._app(scope, receive, note_status)
            except Exception:
                status = 500  # the server's answer in that case
                raise
            finally:
                facts = _facts(scope, method, status)
                REQUEST_DURATION.record(perf_counter() - started, facts)
                _finish(current, facts)


async def carry_trace(request: httpx.Request) -> None:
    """Add the current trace and the name of the request that is being answered to a request.

    `httpx.AsyncClient(event_hooks={"request": [carry_trace]})`
    """
    current = traceparent()
    if current is not None:
        request.headers["traceparent"] = current
    named = request_id.get()
    if named is not None:
        request.headers["X-Request-Id"] = named


def _caller(scope: Scope) -> Any:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return parse(value.decode("latin-1"))
    return None


def _facts(scope: Scope, method: str, status: int | None) -> dict[str, str | int]:
    """Return the span's attributes, with the full template of the route from FastAPI's effective context."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    route = getattr(included or scope.get("route"), "path_format", None)
    facts = {"http.request.method": method, "http.response.status_code": status, "http.route": route}
    return {name: value for name, value in facts.items() if value is not None}


def _finish(current: Span, facts: dict[str, str | int]) -> None:
    if not current.is_recording():
        return
    if "http.route" in facts:
        current.update_name(f"{facts['http.request.method']} {facts['http.route']}")
    current.set_attributes(facts)
    if int(facts.get("http.response.status_code", 0)) >= 500:
        current.set_status(Status(StatusCode.ERROR))
