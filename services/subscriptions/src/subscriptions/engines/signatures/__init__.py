"""The signatures of webhooks, by the Standard Webhooks specification (https://www.standardwebhooks.com).

They are computed by the standard library: it is one HMAC. The specification's own package for Python brings six
dependencies for it; the tests compare with its published test vector.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """Return a random secret in the form in which the receiver gets it."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one delivery: `v1,<base64>`."""
    key = b64decode(secret.removeprefix(PREFIX))
    content = f"{id_}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, content, sha256)).decode()


def signed_headers(valid: Sequence[str], id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery, signed with each of the valid secrets."""
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, id_, timestamp, body) for secret in valid),
    }
