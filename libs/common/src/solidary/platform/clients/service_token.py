"""A service's own access token (OAuth 2.0 client credentials, RFC 6749, 4.4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import httpx

from solidary.platform.clients.errors import ServiceTokenUnavailable


class ServiceTokens(httpx.Auth):
    """The tokens of one machine client, requested when needed and used until shortly before they expire.

    An httpx authentication: `httpx.AsyncClient(auth=ServiceTokens(...))` sends the token with each request.
    Callers that need a token at the same moment share one request. Raises ServiceTokenUnavailable.

    `early`: seconds before its expiry at which a token is replaced.
    """

    def __init__(
        self,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        early: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._early, self._clock = early, clock
        self._token, self._good_until = "", float("-inf")
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Return an access token with at least `early` seconds to live, or half its life where that is less."""
        async with self._lock:
            if self._clock() >= self._good_until:
                await self._request()
            return self._token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the token to a request, as httpx requires of an authentication."""
        request.headers["Authorization"] = f"Bearer {await self.token()}"
        yield request

    async def _request(self) -> None:
        requested = self._clock()
        try:
            async with httpx.AsyncClient(timeout=5.0) as client:
                answer = await client.post(self._url, data=self._form)
            answer.raise_for_status()
            granted = answer.json()
            self._token, lifetime = str(granted["access_token"]), float(granted["expires_in"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ServiceTokenUnavailable(_reason(error)) from error
        self._good_until = requested + lifetime - min(self._early, lifetime / 2)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"The identity provider answered {error.response.status_code} to this service's client."
    return f"The identity provider did not issue a token ({type(error).__name__})."
