"""`X-Request-Id`: the name of one request in its response, its problem, its trace and its log lines.

A caller may choose it, in a plain form only, so that a report of theirs leads to our logs; otherwise it is made here.
"""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.platform.telemetry.spans import request_id

HEADER = "X-Request-Id"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestId:
    """ASGI middleware that names each request and its response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist(HEADER)
        is_usable = len(given) == 1 and WELL_FORMED.fullmatch(given[0])
        identifier = given[0] if is_usable else str(uuid4())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = identifier
            await send(message)

        before = request_id.set(identifier)
        try:
            await self.app(scope, receive, send_named)
        finally:
            request_id.reset(before)
