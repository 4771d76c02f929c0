"""The other services of the instance, as this service calls them.

    PROFILE = TypeAdapter(Profile)
    intake = clients.peer("intake", agency=unit.principal.agency, origin=Cause("enrolment", enrolment.id))
    profile = await intake.get(f"/profiles/{household}", PROFILE)

A call carries the agency that it is made for, the current trace, and its origin: in a route the human whose request is
being served (`origin=origin_of(request)`), elsewhere this service's own token and its cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import TypeAdapter, ValidationError

from solidary.platform.clients.errors import (
    PeerNotConfigured,
    PeerNotFound,
    PeerRefused,
    PeerResponseInvalid,
    PeerUnavailable,
)
from solidary.platform.clients.origins import Cause, Origin
from solidary.platform.clients.service_token import ServiceTokens
from solidary.platform.identity import AGENCY_HEADER, CAUSE_HEADER, ON_BEHALF_OF_HEADER
from solidary.platform.telemetry import carry_trace

T = TypeVar("T")

TIMEOUT_SECONDS = 10.0
"""The longest wait for a connection, and for each part of a response."""
NOT_FOUND_STATUSES = (404, 410)
UNAVAILABLE_STATUSES = (408, 425, 429)
"""Statuses below 500 after which the same call may succeed later."""


@dataclass(frozen=True)
class Peer:
    """Another service of the instance, called for one agency. `tokens` is None where this service has no account.

    Its methods raise PeerUnavailable (also while this service has no token), PeerNotFound, PeerRefused,
    PeerResponseInvalid where the response is not of the given type, and the errors of `solidary.platform.identity`
    where the human of the request may not be carried any more.
    """

    name: str
    url: str
    agency: UUID
    origin: Origin
    http: httpx.AsyncClient
    tokens: ServiceTokens | None

    async def get(
        self,
        path: str,
        response: TypeAdapter[T],
        *,
        params: Mapping[str, str] | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> T:
        """Return what a GET of `path` answers."""
        return await self._call("GET", path, response, timeout_seconds, params=params)

    async def post(
        self, path: str, response: TypeAdapter[T], *, json: object, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> T:
        """Return what a POST of `json` to `path` answers."""
        return await self._call("POST", path, response, timeout_seconds, json=json)

    async def _call(
        self, method: str, path: str, response: TypeAdapter[T], timeout_seconds: float, **content: Any
    ) -> T:
        headers = {AGENCY_HEADER: str(self.agency), **await self._origin_headers()}
        try:
            received = await self.http.request(
                method, self.url + path, headers=headers, timeout=timeout_seconds, **content
            )
        except httpx.RequestError as error:
            raise _unavailable(self.name, error) from None
        self._check_status(received.status_code)
        try:
            return response.validate_json(received.content)
        except ValidationError:
            # The error quotes the response, which may hold a person's facts: it is not passed on.
            raise PeerResponseInvalid(
                f"The response of the service {self.name} does not have the agreed form."
            ) from None

    async def _origin_headers(self) -> dict[str, str]:
        headers = {}
        if isinstance(self.origin, Cause):
            headers[CAUSE_HEADER] = str(self.origin)
            if self.origin.on_behalf_of is not None:
                headers[ON_BEHALF_OF_HEADER] = str(self.origin.on_behalf_of)
        if self.tokens is not None:
            headers["Authorization"] = f"Bearer {await self.tokens.token(self.name, self.origin)}"
        return headers

    def _check_status(self, status: int) -> None:
        if 200 <= status < 300:
            return
        if status in NOT_FOUND_STATUSES:
            raise PeerNotFound(f"The service {self.name} has no such thing for this agency.")
        if status >= 500 or status in UNAVAILABLE_STATUSES:
            raise PeerUnavailable(f"The service {self.name} answered {status}. Try again shortly.")
        raise PeerRefused(f"The service {self.name} answered {status} to this service.")


class ServiceClients:
    """The instance's other services by name, over one HTTP client. `urls`: service name → base address."""

    def __init__(
        self, urls: Mapping[str, str], http: httpx.AsyncClient, tokens: ServiceTokens | None = None
    ) -> None:
        self._urls, self._http, self._tokens = urls, http, tokens

    @classmethod
    def open(cls, urls: Mapping[str, str], tokens: ServiceTokens | None) -> ServiceClients:
        """Return clients with an HTTP client of their own, which `close` ends."""
        return cls(urls, httpx.AsyncClient(event_hooks={"request": [carry_trace]}), tokens)

    def peer(self, name: str, *, agency: UUID, origin: Origin) -> Peer:
        """Return a service to be called for an agency. Raises PeerNotConfigured where its address is not known."""
        return Peer(name, self._url(name), agency, origin, self._http, self._tokens)

    def _url(self, name: str) -> str:
        url = self._urls.get(name)
        if url is None:
            raise PeerNotConfigured(
                f"This service has no address of the service {name}. Its operator must add it to SOLIDARY_PEERS."
            )
        return url.rstrip("/")

    async def forward(
        self, name: str, method: str, path: str, *, headers: Mapping[str, str], **content: Any
    ) -> httpx.Response:
        """Return a service's answer to a request of a person with a token of their own, whatever its status is.

        Raises PeerNotConfigured and PeerUnavailable.
        """
        url = self._url(name)
        try:
            return await self._http.request(
                method, url + path, headers=dict(headers), timeout=TIMEOUT_SECONDS, **content
            )
        except httpx.RequestError as error:
            raise _unavailable(name, error) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        if self._tokens is not None:
            await self._tokens.close()


def _unavailable(name: str, error: httpx.RequestError) -> PeerUnavailable:
    return PeerUnavailable(f"The service {name} did not answer ({type(error).__name__}). Try again shortly.")
