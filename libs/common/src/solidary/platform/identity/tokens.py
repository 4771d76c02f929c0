"""The verification of access tokens, offline: signature, issuer, audience, time and kind."""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from joserfc import jws
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from solidary.platform.identity.duties import Duty
from solidary.platform.identity.errors import SECOND_FACTOR, TokenExpired, TokenInvalid, TokenMissing
from solidary.platform.identity.keys import KeyRing, PublicKey
from solidary.platform.identity.principal import Claims, Membership, service_of_client

ALGORITHMS = ("RS256", "PS256", "ES256")
"""The accepted signature algorithms: asymmetric only, named one by one (RFC 8725, 3.1)."""

SECOND_LEVEL = "2"
"""The level of a second factor in the claim `factors`, the times at which each level was reached in the session."""

_DUTIES = {f"/{duty}": duty for duty in Duty}


def bearer_token(authorization: str | None) -> str:
    """Return the token of an `Authorization: Bearer …` header (RFC 6750). Raises TokenMissing."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return token.strip()


class TokenVerifier:
    """Verifies access tokens and returns their claims.

    The token's issuer and audience must be exactly `issuer` and `audience`; `leeway` (seconds) tolerates clocks that
    differ. Up to `remember` verified tokens are cached by their digest, until they expire or until the identity
    provider's keys change.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: KeyRing,
        leeway: int = 10,
        remember: int = 4096,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys, self._leeway, self._capacity, self._clock = keys, leeway, remember, clock
        self._claims = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            typ={"essential": True, "value": "Bearer"},
        )
        self._cache_by_digest: OrderedDict[bytes, Claims] = OrderedDict()
        self._key_version = keys.version

    async def verify(self, token: str) -> Claims:
        """Return a token's claims. Raises TokenExpired, TokenInvalid or KeysUnavailable."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        cached = self._cached(digest)
        if cached is not None:
            return cached
        payload = await self._verified_payload(token)
        self._require_secret_in_force(payload.get("secret_ends"))
        claims = read_claims(payload)
        self._cache(digest, claims)
        return claims

    def _require_secret_in_force(self, ends: object) -> None:
        """Raise TokenInvalid where the secret of an agency's software has ended; 0 and None are no end."""
        if isinstance(ends, int) and 0 < ends <= self._clock():
            raise TokenInvalid("The secret of this client has ended. Let your administrator renew it.")

    async def _verified_payload(self, token: str) -> Mapping[str, Any]:
        """Return the payload of a token whose signature and standard claims are valid."""
        try:
            signed = jws.extract_compact(token.encode())
            key = await self._key_for(signed.headers())
            if not jws.validate_compact(signed, key, algorithms=ALGORITHMS):
                raise TokenInvalid("The token's signature is not valid.")
            payload = json.loads(signed.payload)
            if not isinstance(payload, dict):
                raise TokenInvalid("The token's payload is not an object.")
            self._claims.validate(payload)
        except ExpiredTokenError as error:
            raise TokenExpired from error
        except (JoseError, ValueError) as error:
            raise TokenInvalid(_reason(error)) from error
        return payload

    async def _key_for(self, header: Mapping[str, Any]) -> PublicKey:
        if header.get("alg") not in ALGORITHMS:
            raise TokenInvalid(f"The token's algorithm must be one of {', '.join(ALGORITHMS)}.")
        if header.get("typ") not in ("JWT", "at+jwt"):
            raise TokenInvalid("The token's header `typ` is not that of an access token.")
        kid = header.get("kid")
        key = await self._keys.key(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenInvalid("The token is signed with a key that the identity provider does not publish.")
        if key.get("alg") not in (None, header["alg"]):
            raise TokenInvalid("The token's key is published for another algorithm.")
        return key

    def _cached(self, digest: bytes) -> Claims | None:
        self._clear_after_key_change()
        claims = self._cache_by_digest.get(digest)
        if claims is not None and claims.expires <= self._clock() - self._leeway:
            del self._cache_by_digest[digest]
            raise TokenExpired
        return claims

    def _cache(self, digest: bytes, claims: Claims) -> None:
        self._clear_after_key_change()
        self._cache_by_digest[digest] = claims
        if len(self._cache_by_digest) > self._capacity:
            self._cache_by_digest.popitem(last=False)

    def _clear_after_key_change(self) -> None:
        if self._key_version != self._keys.version:
            self._cache_by_digest.clear()
            self._key_version = self._keys.version


def read_claims(payload: Mapping[str, Any]) -> Claims:
    """Return the claims of a verified payload. Raises TokenInvalid where it does not have the platform's form.

    The form: `sub` a UUID; `organization` `{alias: {"id", "country": [..], "groups": ["/duty", ..]}}`, as Keycloak
    issues it for the scope `organization:*`; `azp` the client to which it was issued. Keycloak adds `client_id`
    only where that client logged in itself. A token that a service exchanged for a human's has the service in `azp`
    and no such claim; `software` is the client of the agency's software whose token was exchanged.
    """
    client = payload.get("azp")
    if not isinstance(client, str):
        raise TokenInvalid("The token's claim `azp` is not the id of a client.")
    caller = service_of_client(client)
    logged_in = payload.get("client_id")
    return Claims(
        subject=_identifier(payload.get("sub"), "sub"),
        memberships=_memberships(payload.get("organization", {})),
        service=caller if logged_in == client else None,
        expires=int(payload["exp"]),
        caller=caller,
        second_factor_at=_second_factor_at(payload),
        software=_software(payload),
    )


def _software(payload: Mapping[str, Any]) -> str | None:
    """Return the client of an agency's software: as provisioning marked its account, or as it logged in.

    An exchanged token keeps the claim `software` only. A client that somebody made by hand has no such mark.
    """
    client = payload.get("software", payload.get("client_id"))
    return client if isinstance(client, str) and service_of_client(client) is None else None


def _second_factor_at(payload: Mapping[str, Any]) -> int | None:
    """Return when the human last gave a second factor. A refresh keeps both claims, so the time counts."""
    factors = payload.get("factors")
    at = factors.get(SECOND_LEVEL) if isinstance(factors, Mapping) else None
    return at if payload.get("acr") == SECOND_FACTOR and isinstance(at, int) else None


def _memberships(organization: object) -> Mapping[str, Membership]:
    if isinstance(organization, list):
        raise TokenInvalid(
            "The token's claim `organization` has no ids: its client scope needs addOrganizationId."
        )
    if not isinstance(organization, Mapping):
        raise TokenInvalid("The token's claim `organization` is not an object.")
    return {alias: _membership(alias, entry) for alias, entry in organization.items()}


def _membership(alias: str, entry: object) -> Membership:
    if not isinstance(entry, Mapping):
        raise TokenInvalid(f"The token's claim `organization` has no object for {alias}.")
    return Membership(
        agency=_identifier(entry.get("id"), f"organization.{alias}.id"),
        alias=alias,
        duties=frozenset(_DUTIES[group] for group in _texts(entry.get("groups")) if group in _DUTIES),
        country=next(iter(_texts(entry.get("country"))), None),
    )


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _identifier(value: object, claim: str) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise TokenInvalid(f"The token's claim `{claim}` is not a UUID.") from error


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    if claim:
        return f"The token's claim `{claim}` does not have the required value."
    return f"The token cannot be read ({type(error).__name__})."
