"""The identity provider's public keys, cached so that tokens are verified without calling it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from solidary.platform.identity.errors import KeysUnavailable

log = logging.getLogger(__name__)

PublicKey = RSAKey | ECKey


class KeyRing:
    """A JSON Web Key Set (RFC 7517), fetched when it is first needed.

    It is fetched again when a token names a key that is not in it, at most once in `pause` seconds, and when it is
    older than `lifetime` seconds. Callers that need it at the same moment share one request. A failed fetch leaves the
    keys unchanged; while there are none, the next fetch may start after `retry` seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        pause: float = 30.0,
        lifetime: float = 600.0,
        retry: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self.version = 0
        """Incremented when the set of keys changes: tokens verified before may no longer be valid."""
        self._pause, self._lifetime, self._retry, self._clock = pause, lifetime, retry, clock
        self._keys: Mapping[str, PublicKey] = {}
        self._fetched = self._not_before = float("-inf")
        self._failing = False
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> PublicKey | None:
        """Return the key of that id, or None where the identity provider does not publish it.

        Raises KeysUnavailable where the keys could not be fetched.
        """
        if kid not in self._keys:
            await self._refresh()
            if kid not in self._keys and self._failing:
                raise KeysUnavailable("Tokens cannot be verified at the moment. Try again shortly.")
        elif self._clock() >= self._fetched + self._lifetime and not self._fetching.locked():
            await self._refresh()
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        async with self._fetching:
            if self._clock() < self._not_before:
                return  # another caller has fetched the keys, possibly while this one waited for the lock
            try:
                fetched = await self._fetch()
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("the identity provider's keys cannot be fetched: %s", error)
                self._failing = True
                self._not_before = self._clock() + (self._pause if self._keys else self._retry)
                return
            if fetched.keys() != self._keys.keys():
                self.version += 1
            self._keys, self._fetched, self._failing = fetched, self._clock(), False
            self._not_before = self._fetched + self._pause

    async def _fetch(self) -> Mapping[str, PublicKey]:
        async with httpx.AsyncClient(timeout=5.0) as client:
            answer = await client.get(self.url)
        answer.raise_for_status()
        published = [_public_key(entry) for entry in answer.json()["keys"]]
        return {key.kid: key for key in published if key is not None and key.kid is not None}


def _public_key(entry: Mapping[str, Any]) -> PublicKey | None:
    """Return a published key; None where it is not for signatures, or of an unsupported kind.

    Keycloak also publishes a key for encryption. Symmetric keys are never accepted: everybody who can read the set
    could sign with them.
    """
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in ("RSA", "EC"):
        return None
    try:
        key = JWKRegistry.import_key(dict(entry))
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, PublicKey) else None
