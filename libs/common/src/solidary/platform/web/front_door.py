"""Requests that come through the front door: their scheme, their client and their prefix are as the client sees them.

The front door (Caddy, or the ingress of a cluster) sends `X-Forwarded-For`, `-Proto` and `-Prefix`, and keeps `Host`.
These headers count only from the addresses of SOLIDARY_TRUSTED_PROXIES: from any other sender they are ignored.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solidary.language.problems import NotFound
from solidary.platform.web.error_handlers import problem_response

Network: TypeAlias = IPv4Network | IPv6Network

PREFIX = re.compile(r"(/[a-z0-9][a-z0-9_.-]*)+")
INTERNAL = "/health"
"""The paths that only this machine and its orchestrator need: through the front door there is nothing at them."""


class FrontDoor:
    """ASGI middleware that applies the headers of a trusted front door, and puts `Location` under its prefix.

    A `Location` is the path of this service (`/people/…`); the client needs `/api/intake/v1/people/…`.
    """

    def __init__(self, app: ASGIApp, trusted: Collection[Network]) -> None:
        self.app, self.trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        forwarded_for = Headers(scope=scope).get("x-forwarded-for") if scope["type"] == "http" else None
        if forwarded_for is None or not self._is_trusted(_peer(scope)):
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(INTERNAL):
            await problem_response(NotFound())(scope, receive, send)
            return
        prefix = self._apply(scope, forwarded_for)

        async def send_under_prefix(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                location = headers.get("location", "")
                if location.startswith("/") and not location.startswith("//"):
                    headers["location"] = prefix + location
            await send(message)

        await self.app(scope, receive, send_under_prefix)

    def _apply(self, scope: Scope, forwarded_for: str) -> str:
        """Change the scope of a forwarded request, and return its prefix."""
        headers = Headers(scope=scope)
        client = self._client(forwarded_for)
        if client is not None:
            scope["client"] = (client, 0)
        if headers.get("x-forwarded-proto") in ("http", "https"):
            scope["scheme"] = headers["x-forwarded-proto"]
        prefix = headers.get("x-forwarded-prefix", "")
        if PREFIX.fullmatch(prefix):
            # As ASGI has it, a path includes the root path.
            scope["root_path"], scope["path"] = prefix, prefix + scope["path"]
            scope["raw_path"] = prefix.encode() + (scope.get("raw_path") or b"")
        else:
            prefix = ""
        scope["state"] = {**scope.get("state", {}), "through_front_door": True}
        return prefix

    def _client(self, forwarded_for: str) -> str | None:
        """Return the address that the outermost trusted proxy saw; those before it are the client's own words."""
        addresses = [address.strip() for address in forwarded_for.split(",")]
        for address in reversed(addresses):
            if not self._is_trusted(address):
                return address if _is_address(address) else None
        return addresses[0]

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(
            ipaddress.ip_address(address) in network for network in self.trusted
        )


def is_through_front_door(request: Request) -> bool:
    """Return true if a trusted front door forwarded the request."""
    return bool(getattr(request.state, "through_front_door", False))


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
