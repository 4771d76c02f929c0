"""How one of our services calls another: a token of its own (OAuth 2.0 client credentials)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import httpx

from solidary.platform.identity.errors import TokenSourceUnavailable


class ServiceTokens(httpx.Auth):
    """The tokens of one machine client, asked for when needed and used until shortly before they expire.

    Give it to a client, and name the agency per call::

        client = httpx.AsyncClient(auth=ServiceTokens(...))
        await client.get(url, headers={principal.HEADER: str(agency)})

    Callers that need a token at the same moment share one request. Raises `TokenSourceUnavailable`.
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
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """An access token with at least `early` seconds to live, or half its life where that is less."""
        async with self._asking:
            if self._clock() >= self._good_until:
                await self._ask()
            return self._token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {await self.token()}"
        yield request

    async def _ask(self) -> None:
        asked = self._clock()
        try:
            async with httpx.AsyncClient(timeout=5.0) as client:
                answer = await client.post(self._url, data=self._form)
            answer.raise_for_status()
            granted = answer.json()
            self._token, life = str(granted["access_token"]), float(granted["expires_in"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise TokenSourceUnavailable(_reason(error)) from error
        self._good_until = asked + life - min(self._early, life / 2)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code} to the service's own client"
    return f"no token could be had: {type(error).__name__}"
