"""Calls from pages of other origins: none, unless an operator lists the origin (SOLIDARY_CORS_ORIGINS)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

REQUEST_HEADERS = (
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Solidary-Agency", "X-Request-Id"),
)
RESPONSE_HEADERS = (
    *("Deprecation", "ETag", "Idempotency-Replayed", "Location", "Retry-After", "Sunset", "X-Request-Id"),
)


def cors(origins: Sequence[str]) -> dict[str, Any]:
    """Return the options of the middleware. A page sends its token itself: browsers add no cookie or login."""
    return {
        "allow_origins": list(origins),
        "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "allow_headers": list(REQUEST_HEADERS),
        "expose_headers": list(RESPONSE_HEADERS),
        "allow_credentials": False,
        "max_age": 600,
    }
