"""The signature of a webhook's delivery, by the Standard Webhooks specification (https://www.standardwebhooks.com)."""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

PREFIX = "whsec_"
VERSION = "v1"
MIN_KEY = 24
"""The bytes that a secret has at least: a setting that is empty must not accept everybody."""

MAX_DIGITS = 20
TOLERANCE = 300
"""The seconds that a delivery may be away from now."""


class NotSigned(Exception):
    """The delivery is not signed with one of the secrets, or it was sent too long ago. Answer 401 or 403."""


def verified_event(
    headers: Mapping[str, str], body: bytes, secrets: str | Sequence[str], *, now: float | None = None
) -> dict[str, Any]:
    """Return the event of a delivery. Raises NotSigned.

    `body` is what came, byte by byte. `secrets`: during a rotation the new one and the one before. The event's `id` is
    the same at each attempt: skip one that you have handled. Raises ValueError for a secret that is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        id_, sent, signatures = (given[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as missing:
        raise NotSigned(f"The delivery has no header {missing.args[0]}.") from None
    if not (sent.isascii() and sent.isdigit() and len(sent) < MAX_DIGITS):
        raise NotSigned("The delivery has no time in seconds.")
    if abs((time.time() if now is None else now) - int(sent)) > TOLERANCE:
        raise NotSigned(f"The delivery was sent more than {TOLERANCE} seconds away from now.")
    expected = [
        _signature(secret, f"{id_}.{sent}.".encode() + body)
        for secret in ([secrets] if isinstance(secrets, str) else secrets)
    ]
    found = [
        each.removeprefix(f"{VERSION},") for each in signatures.split(" ") if each.startswith(f"{VERSION},")
    ]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in found):
        raise NotSigned("No signature of the delivery is that of a secret.")
    event: dict[str, Any] = json.loads(body)
    return event


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX), validate=True)
    if len(key) < MIN_KEY:
        raise ValueError(f"A secret of a webhook has {MIN_KEY} bytes at least, in base64 after {PREFIX}.")
    return b64encode(hmac.digest(key, content, sha256)).decode()
