"""Access tokens, verified offline: signature, issuer, audience, time and kind."""

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
from solidary.platform.identity.errors import TokenExpired, TokenInvalid, TokenMissing
from solidary.platform.identity.keys import KeyRing, PublicKey
from solidary.platform.identity.principal import Claims, Membership

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures we accept: asymmetric only, named one by one (RFC 8725, 3.1)."""

_DUTIES = {f"/{duty}": duty for duty in Duty}


def bearer(authorization: str | None) -> str:
    """The token of an `Authorization: Bearer …` header (RFC 6750). Raises `TokenMissing`."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing("send Authorization: Bearer with an access token")
    return token.strip()


class TokenVerifier:
    """Says what an access token claims, or why it is refused.

    `issuer` and `audience` must be exactly those of the token; `leeway` (seconds) forgives clocks that
    differ. Up to `remember` verified tokens are kept, by digest, until they expire or until the identity
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
        self._known: OrderedDict[bytes, Claims] = OrderedDict()
        self._known_under = keys.version

    async def verify(self, token: str) -> Claims:
        """Raises `TokenExpired`, `TokenInvalid` or `KeysUnavailable`."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._recall(digest)
        if known is not None:
            return known
        claims = read_claims(await self._verified(token))
        self._remember(digest, claims)
        return claims

    async def _verified(self, token: str) -> Mapping[str, Any]:
        """The payload of a token whose signature and standard claims hold."""
        try:
            signed = jws.extract_compact(token.encode())
            key = await self._key_for(signed.headers())
            if not jws.validate_compact(signed, key, algorithms=ALGORITHMS):
                raise TokenInvalid("its signature does not hold")
            payload = json.loads(signed.payload)
            if not isinstance(payload, dict):
                raise TokenInvalid("it says nothing")
            self._claims.validate(payload)
        except ExpiredTokenError as error:
            raise TokenExpired("ask the identity provider for a new one") from error
        except (JoseError, ValueError) as error:
            raise TokenInvalid(_reason(error)) from error
        return payload

    async def _key_for(self, header: Mapping[str, Any]) -> PublicKey:
        if header.get("alg") not in ALGORITHMS:
            raise TokenInvalid(f"its algorithm is not one of {', '.join(ALGORITHMS)}")
        if header.get("typ") not in ("JWT", "at+jwt"):
            raise TokenInvalid("its typ is not that of an access token")
        kid = header.get("kid")
        key = await self._keys.key(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenInvalid("it is signed with a key that the identity provider does not publish")
        if key.get("alg") not in (None, header["alg"]):
            raise TokenInvalid("its key is published for another algorithm")
        return key

    def _recall(self, digest: bytes) -> Claims | None:
        self._forget_where_keys_changed()
        claims = self._known.get(digest)
        if claims is not None and claims.expires <= self._clock() - self._leeway:
            del self._known[digest]
            raise TokenExpired("ask the identity provider for a new one")
        return claims

    def _remember(self, digest: bytes, claims: Claims) -> None:
        self._forget_where_keys_changed()
        self._known[digest] = claims
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def _forget_where_keys_changed(self) -> None:
        if self._known_under != self._keys.version:
            self._known.clear()
            self._known_under = self._keys.version


def read_claims(payload: Mapping[str, Any]) -> Claims:
    """What a verified payload says of its subject. Raises `TokenInvalid` where it is not of our shape.

    Shape: `sub` a UUID; `organization` `{alias: {"id", "country": [..], "groups": ["/duty", ..]}}`, as
    Keycloak gives it for the scope `organization:*`; `service` the name of one of our services.
    """
    service = payload.get("service")
    if service is not None and not isinstance(service, str):
        raise TokenInvalid("its service claim is not a name")
    return Claims(
        subject=_identifier(payload.get("sub"), "sub"),
        memberships=_memberships(payload.get("organization", {})),
        service=service,
        expires=int(payload["exp"]),
    )


def _memberships(organization: object) -> Mapping[str, Membership]:
    if isinstance(organization, list):
        raise TokenInvalid("its organization claim has no ids: the client scope lacks addOrganizationId")
    if not isinstance(organization, Mapping):
        raise TokenInvalid("its organization claim is not an object")
    return {alias: _membership(alias, entry) for alias, entry in organization.items()}


def _membership(alias: str, entry: object) -> Membership:
    if not isinstance(entry, Mapping):
        raise TokenInvalid(f"its organization claim says nothing of {alias}")
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
        raise TokenInvalid(f"its {claim} is not a UUID") from error


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    return f"its claim {claim} is not what it must be" if claim else f"{type(error).__name__}"
