"""Keys and seals: AES-256-GCM, one key per person, wrapped by the key of the country instance.

Whoever destroys a person's key has erased what it sealed, in every copy. Tokens for exact look-up are keyed
too (HMAC-SHA256), so that nobody learns a name by hashing a list of names.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TOKEN_BYTES = 16


class Unreadable(RuntimeError):
    """The seal does not open: another key, another person, another field, or changed bytes."""


class Seal:
    """Seals and opens the fields of one thing. A field's seal opens for that thing and that field only."""

    def __init__(self, about: UUID, key: bytes) -> None:
        self._about, self._cipher = about, AESGCM(key)

    def close(self, field: str, content: str) -> bytes:
        """Nonce and ciphertext of a text (NIST SP 800-38D, random 96-bit nonce)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content.encode(), self._bound_to(field))

    def open(self, field: str, sealed: bytes) -> str:
        """Raises Unreadable."""
        try:
            content = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound_to(field))
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"{field} of {self._about} does not open") from error
        return content.decode()

    def _bound_to(self, field: str) -> bytes:
        return self._about.bytes + field.encode()


class InstanceKey:
    """The key of a country instance, from its secret: wraps people's keys and makes tokens.

    `name` tells two instance keys apart without telling anything of them.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.name = self._derived("name").hex()[:8]
        self._wrapping, self._tokens = self._derived("wrap"), self._derived("token")

    def new_seal(self, person: UUID) -> tuple[Seal, bytes]:
        """A new key for a person: its seal, and the key wrapped, to be kept."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        return Seal(person, key), Seal(person, self._wrapping).close("key", key.hex())

    def unwrapped(self, person: UUID, wrapped: bytes) -> Seal:
        """The seal of a person. Raises Unreadable where another instance key wrapped it."""
        return Seal(person, bytes.fromhex(Seal(person, self._wrapping).open("key", wrapped)))

    def passing_seal(self, about: UUID) -> Seal:
        """A seal for what is kept for a day only, and of more people than one."""
        return Seal(about, self._derived(f"passing {about}"))

    def token(self, kind: str, said: str) -> bytes:
        """Equal for equal words of one kind; by itself it tells nothing."""
        return hmac.new(self._tokens, f"{kind} {said}".encode(), hashlib.sha256).digest()[:TOKEN_BYTES]

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"solidary {purpose}".encode()).derive(self._secret)
