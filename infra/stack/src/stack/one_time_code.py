"""One-time codes by time (RFC 6238), as an authenticator app shows them."""

from __future__ import annotations

import hmac
import time

SECONDS, DIGITS = 30, 6


def one_time_code(secret: str, *, at: float | None = None) -> str:
    """Return the code of a secret at a time (Unix seconds; now)."""
    counter = int((time.time() if at is None else at) // SECONDS)
    digest = hmac.digest(secret.encode(), counter.to_bytes(8), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
