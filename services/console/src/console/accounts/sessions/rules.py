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

LOCK = timedelta(minutes=10)
"""The time without a request after which a session is locked, unless a setting gives another one."""
LONGEST = timedelta(hours=10)
"""The longest session: a working day."""
KEPT = timedelta(hours=24)
"""The time for which the entries of an ended session are kept for the same person's next login."""
COOKIE_BYTES, NONCE_BYTES, KEY_BYTES, MARK_BYTES = 32, 12, 32, 18


PROMPT_LEEWAY = timedelta(seconds=10)
"""The most by which Keycloak's clock may be behind that of this service."""


def is_over(created: datetime, used: datetime, now: datetime) -> bool:
    """Return true where a session may not act any more, whatever password is given: it is too old."""
    return now - created > LONGEST or now - used > KEPT


def is_locked(used: datetime, now: datetime, lock: timedelta) -> bool:
    """Return true where a session waits for its person's password, because nobody used it for a while."""
    return now - used > lock


def is_fresh(authenticated: object, begun: float) -> bool:
    """Return true where a password was given after a login began, and not in an earlier one. Both in Unix seconds."""
    return isinstance(authenticated, (int, float)) and authenticated >= begun - PROMPT_LEEWAY.total_seconds()


def new_cookie(secret: bytes) -> str:
    """Return the value of a new session's cookie: random, with a mark that only this instance can make."""
    value = urlsafe_b64encode(os.urandom(COOKIE_BYTES)).decode().rstrip("=")
    return f"{value}.{_mark(value, secret)}"


def is_own_cookie(cookie: str, secret: bytes) -> bool:
    """Return true for a cookie that this instance made at a login, whether or not its session still exists."""
    value, _, mark = cookie.partition(".")
    return hmac.compare_digest(_mark(value, secret).encode(), mark.encode(errors="replace"))


def _mark(value: str, secret: bytes) -> str:
    digest = hmac.new(secret, b"page cookie " + value.encode(errors="replace"), hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:MARK_BYTES]).decode().rstrip("=")


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
