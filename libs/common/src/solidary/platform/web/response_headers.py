"""The headers that every response has: nothing about people is kept by a browser or a proxy on the way."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.platform.web.deprecation import deprecation_of


class ResponseHeaders:
    """ASGI middleware that forbids storing each response but that of a `@public` route, and guessing its type.

    The answers of a route that ends announce it, and those of a versioned resource have its tag.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if message["status"] < 300 and (tag := scope.get("state", {}).get("etag")):
                    headers["ETag"] = tag
                route = scope.get("route")
                if message["status"] >= 400 or not _is_public(route):
                    headers["Cache-Control"] = "no-store"
                if announced := deprecation_of(getattr(route, "endpoint", None)):
                    headers.update(announced.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _is_public(route: BaseRoute | None) -> bool:
    declaration = getattr(getattr(route, "endpoint", None), "declaration", None)
    return declaration is not None and declaration.reach == "public"
