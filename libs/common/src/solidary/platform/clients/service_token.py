"""The access tokens with which a service calls others.

They are its own (client credentials, RFC 6749, 4.4), or exchanged for a human's (token exchange, RFC 8693).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import httpx

from solidary.platform.clients.errors import ServiceTokenUnavailable
from solidary.platform.clients.origins import HumanRequest, Origin
from solidary.platform.identity import TokenExpired, TokenInvalid, audience_scope, service_client_id

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
REFUSED_STATUSES = (400, 401, 403)
"""The statuses with which the identity provider refuses a token that it does not accept for an exchange."""


_log = logging.getLogger(__name__)
_Key: TypeAlias = tuple[str, bytes | None]
"""The called service, and the digest of the human's token; None for the service's own."""


class _CachedToken(NamedTuple):
    """A token, and the moments until which it is used and from which it is renewed ahead."""

    token: str
    good_until: float
    renew_at: float


class ServiceTokens:
    """The tokens with which one machine client calls other services, used until shortly before they expire.

    Each is for one service only. Callers that need the same own token at the same moment share one request. Up to
    `remember` exchanged tokens are cached, none longer than the human's token lives. One that is used in the second
    half of its time is exchanged anew meanwhile, so that who calls again and again does not wait for an exchange.

    `early`: seconds before its expiry at which a token is replaced.
    """

    def __init__(
        self,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        early: float = 20.0,
        remember: int = 1024,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = token_url
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._early, self._capacity, self._clock = early, remember, clock
        self._tokens: OrderedDict[_Key, _CachedToken] = OrderedDict()
        self._renewals: dict[_Key, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()
        self._http = httpx.AsyncClient(timeout=5.0)

    async def token(self, service: str, origin: Origin) -> str:
        """Return an access token for a service, with at least `early` seconds or half its life to live.

        Raises ServiceTokenUnavailable, and TokenExpired or TokenInvalid where the human's token has ended.
        """
        if isinstance(origin, HumanRequest):
            return await self._exchanged(service, origin)
        async with self._lock:
            return self._cached(service, None) or await self._own(service)

    async def close(self) -> None:
        """Close the connections, once no exchange goes on."""
        for renewal in self._renewals.values():
            renewal.cancel()
        await asyncio.gather(*self._renewals.values(), return_exceptions=True)
        await self._http.aclose()

    async def _own(self, service: str) -> str:
        answer = await self._post({"grant_type": "client_credentials", "scope": audience_scope(service)})
        if not answer.is_success:
            raise ServiceTokenUnavailable(_refusal(answer))
        return self._cache(service, None, answer, until=float("inf"))

    async def _exchanged(self, service: str, request: HumanRequest) -> str:
        digest = hashlib.sha256(request.token.encode()).digest()
        if self._clock() >= request.expires:
            raise TokenExpired
        cached = self._cached(service, digest)
        if cached is None:
            return await self._exchange(service, digest, request)
        key = service, digest
        if self._clock() >= self._tokens[key].renew_at and key not in self._renewals:
            self._renewals[key] = asyncio.create_task(self._renew(service, digest, request))
        return cached

    async def _renew(self, service: str, digest: bytes, request: HumanRequest) -> None:
        """Exchange a human's token while the cached one still serves; forget that one if the session has ended."""
        try:
            await self._exchange(service, digest, request)
        except TokenInvalid:
            self._tokens.pop((service, digest), None)
        except ServiceTokenUnavailable as error:
            _log.warning("An exchanged token could not be renewed ahead of its end: %s", error)
        finally:
            del self._renewals[service, digest]

    async def _exchange(self, service: str, digest: bytes, request: HumanRequest) -> str:
        answer = await self._post(
            {
                "grant_type": EXCHANGE,
                "subject_token": request.token,
                "subject_token_type": ACCESS_TOKEN,
                "requested_token_type": ACCESS_TOKEN,
                "audience": service_client_id(service),
                "scope": f"{audience_scope(service)} organization:*",
            }
        )
        if answer.status_code in REFUSED_STATUSES and _error(answer) in ("invalid_token", "invalid_request"):
            raise TokenInvalid("The session of this token has ended.")
        if not answer.is_success:
            raise ServiceTokenUnavailable(_refusal(answer))
        return self._cache(service, digest, answer, until=request.expires)

    async def _post(self, form: dict[str, str]) -> httpx.Response:
        try:
            return await self._http.post(self._url, data={**self._client, **form})
        except httpx.HTTPError as error:
            raise ServiceTokenUnavailable(
                f"The identity provider did not issue a token ({type(error).__name__})."
            ) from error

    def _cached(self, service: str, subject: bytes | None) -> str | None:
        cached = self._tokens.get((service, subject))
        return cached.token if cached and self._clock() < cached.good_until else None

    def _cache(self, service: str, subject: bytes | None, answer: httpx.Response, *, until: float) -> str:
        try:
            granted = answer.json()
            token, lifetime = str(granted["access_token"]), float(granted["expires_in"])
        except (ValueError, KeyError, TypeError) as error:
            raise ServiceTokenUnavailable("The identity provider's answer cannot be read.") from error
        now = self._clock()
        good_until = min(now + lifetime - min(self._early, lifetime / 2), until)
        renew_at = (now + good_until) / 2 if good_until < until else until
        self._tokens.pop((service, subject), None)
        self._tokens[service, subject] = _CachedToken(token, good_until, renew_at)
        while len(self._tokens) > self._capacity:
            self._tokens.popitem(last=False)
        return token


def _error(answer: httpx.Response) -> str | None:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, str) else None


def _refusal(answer: httpx.Response) -> str:
    return f"The identity provider answered {answer.status_code} to this service's client."
