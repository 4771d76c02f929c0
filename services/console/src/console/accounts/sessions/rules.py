"""The length of a session, and the secrets that are derived from its cookie."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

IDLE = timedelta(minutes=30)
"""The time without a request after which the person must log in again; their entries are kept."""
LONGEST = timedelta(hours=10)
"""The longest session: a working day."""
KEPT = timedelta(hours=24)
"""The time for which the entries of an ended session are kept for the same person's next login."""
COOKIE_BYTES, NONCE_BYTES, KEY_BYTES = 32, 12, 32


def is_over(created: datetime, used: datetime, now: datetime) -> bool:
    """Return true where a session may not act any more: nobody used it for long, or it is too old."""
    return now - used > IDLE or now - created > LONGEST


def new_cookie() -> str:
    """Return the random value of a new session's cookie."""
    return urlsafe_b64encode(os.urandom(COOKIE_BYTES)).decode().rstrip("=")


def session_id(cookie: str) -> bytes:
    """Return the id under which a session is stored; the cookie cannot be derived from it."""
    return hashlib.sha256(b"session " + cookie.encode(errors="replace")).digest()


def form_token(cookie: str) -> str:
    """Return the token that each form of a session carries, so that no other site can send one (CSRF)."""
    return hmac.new(cookie.encode(errors="replace"), b"form", hashlib.sha256).hexdigest()


def is_form_token(cookie: str, token: object) -> bool:
    """Return true for the token of the session's own forms."""
    return isinstance(token, str) and hmac.compare_digest(
        form_token(cookie).encode(), token.encode(errors="replace")
    )


def encrypt(text: str, *, secret: bytes, cookie: str, purpose: bytes) -> bytes:
    """Encrypt a text with a key that only somebody with the cookie and the instance's secret can derive."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(secret, cookie, purpose).encrypt(nonce, text.encode(), purpose)


def decrypt(encrypted: bytes, *, secret: bytes, cookie: str, purpose: bytes) -> str | None:
    """Return an encrypted text, or None where the cookie or the secret is another one."""
    nonce, rest = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
    try:
        return _cipher(secret, cookie, purpose).decrypt(nonce, rest, purpose).decode()
    except (InvalidTag, ValueError):
        return None


def seal(text: str, *, secret: bytes) -> str:
    """Return a text as the value of a cookie that only this service can read."""
    sealed = encrypt(text, secret=secret, cookie="", purpose=b"solidary login")
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(value: str, *, secret: bytes) -> str | None:
    """Return the text of a sealed cookie, or None where this service did not seal it."""
    try:
        sealed = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return None
    return decrypt(sealed, secret=secret, cookie="", purpose=b"solidary login")


def _cipher(secret: bytes, cookie: str, purpose: bytes) -> AESGCM:
    key = HKDF(SHA256(), KEY_BYTES, salt=secret, info=purpose).derive(cookie.encode(errors="replace"))
    return AESGCM(key)
