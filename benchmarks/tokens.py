"""The rate of verifying access tokens: new ones by algorithm, and ones that were verified before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from time import process_time
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from solidary.platform.identity import KeyRing, TokenVerifier

from benchmarks import BenchmarkResult, Claim

ISSUER, AUDIENCE, TOKENS = "http://identity.example/realms/solidary", "svc-intake", 1000


class FetchedKeys(KeyRing):
    """A key ring whose keys have been fetched already."""

    def __init__(self, *keys: RSAKey | ECKey) -> None:
        super().__init__("")
        self._keys_by_id = {str(key.kid): key for key in keys}

    async def key(self, kid: str) -> RSAKey | ECKey | None:
        """Return a key by its id."""
        return self._keys_by_id.get(kid)


def measure() -> BenchmarkResult:
    """Measure the tokens that are verified per second of CPU time."""
    return asyncio.run(_measure())


async def _measure() -> BenchmarkResult:
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    ec = ECKey.generate_key("P-256", {"kid": "ec"})
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=FetchedKeys(rsa, ec))
    by_rsa, by_ec = _tokens(rsa, "RS256"), _tokens(ec, "ES256")
    speeds = {
        "new, RS256": await _speed(verifier, by_rsa),
        "new, ES256": await _speed(verifier, by_ec),
        "verified before": await _speed(verifier, by_rsa),
    }
    rows = [{"token": token, "per second": round(speed)} for token, speed in speeds.items()]
    ratio = speeds["verified before"] / speeds["new, RS256"]
    return BenchmarkResult(rows, [Claim("a token verified before / a new one", ratio, 10)])


async def _speed(verifier: TokenVerifier, tokens: Sequence[str]) -> float:
    start = process_time()
    for token in tokens:
        await verifier.verify(token)
    return len(tokens) / (process_time() - start)


def _tokens(key: RSAKey | ECKey, alg: str) -> list[str]:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(uuid4()),
        "typ": "Bearer",
        "azp": "console",
        "exp": int(time.time()) + 600,
    }
    agency = {"iom": {"id": str(uuid4()), "country": ["PA"], "groups": ["/cash_maker", "/auditor"]}}
    return [
        jwt.encode(
            {"alg": alg, "kid": key.kid},
            {**claims, "organization": agency, "jti": str(n)},
            key,
            algorithms=[alg],
        )
        for n in range(TOKENS)
    ]
