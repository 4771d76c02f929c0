"""The pages of a front end: what people open at the front door, beside the routes that every service has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from solidary.platform.web.front_door import is_through_front_door


class FrontEnd:
    """ASGI middleware that gives the pages what arrives at the front door without a prefix.

    What arrives under the prefix of the service's API, or from beside the front door, is for its common routes only.
    """

    def __init__(self, app: ASGIApp, pages: ASGIApp) -> None:
        self.app, self.pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = (
            scope["type"] == "http" and is_through_front_door(Request(scope)) and not scope.get("root_path")
        )
        await (self.pages if is_page else self.app)(scope, receive, send)
