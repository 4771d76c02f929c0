"""The form of a stored response that a request accepts, and the version that its caller has."""

from __future__ import annotations


def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a response may be packed by gzip (RFC 9110, 12.5.3)."""
    for coding in accept_encoding.lower().split(","):
        name, _, weight = (part.strip() for part in coding.partition(";"))
        if name in ("gzip", "x-gzip"):
            return weight.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q=0")
    return False


def matches_etag(if_none_match: str, etag: str) -> bool:
    """Return whether the caller has the version of this entity tag (RFC 9110, 13.1.2: by weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or f'"{etag}"' in tags
