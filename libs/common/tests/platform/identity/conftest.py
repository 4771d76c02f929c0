"""Verifiers of an identity provider in miniature, and tokens signed at will."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from joserfc import jws, jwt
from joserfc.jwk import Key
from solidary.platform.identity import KeyRing, TokenVerifier
from solidary_testing.identity_provider import EC, OTHER_RSA, RSA, Clock, IdentityProvider, clock, provider

__all__ = ["EC", "OTHER_RSA", "RSA", "Clock", "IdentityProvider", "clock", "provider"]

ISSUER = "http://identity.example/realms/solidary"
AUDIENCE = "svc-intake"
SUBJECT = UUID("5f0c1f0e-53d1-4a6c-8f3b-0d7c5a0f8f11")
UNHCR = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a01")
IOM = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a02")


@pytest.fixture
def keys(provider: IdentityProvider, clock: Clock) -> KeyRing:
    return KeyRing(provider.jwks_url, clock=clock)


@pytest.fixture
def verifier(keys: KeyRing, clock: Clock) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock)


def payload(clock: Clock, **changes: object) -> dict[str, Any]:
    """Return Keycloak's claims of a cash maker of one agency; a change to None leaves a claim out."""
    claims = {
        "iss": ISSUER,
        "aud": [AUDIENCE, "account"],
        "sub": str(SUBJECT),
        "typ": "Bearer",
        "azp": "console",
        "iat": int(clock()),
        "exp": int(clock()) + 300,
        "organization": {"unhcr": {"id": str(UNHCR), "country": ["PA"], "groups": ["/cash_maker"]}},
    } | changes
    return {claim: value for claim, value in claims.items() if value is not None}


def sign(claims: dict[str, Any], key: Key = RSA, alg: str = "RS256", **header: object) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg])


def sign_raw(body: bytes, key: Key = RSA, alg: str = "RS256") -> str:
    """Return a token with a valid signature and any payload."""
    return jws.serialize_compact({"alg": alg, "kid": key.kid, "typ": "JWT"}, body, key, algorithms=[alg])
