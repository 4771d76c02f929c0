"""Encryption with AES-256-GCM: one key per person, wrapped by a key of the country instance.

Destroying a person's key erases everything that was encrypted with it, in every copy. Search tokens are keyed
too (HMAC-SHA256), so that no name can be found by hashing a list of names.

Wrapping keys and search keys are rings: the newest is used, the older ones still open and find what was written
before, until `python -m intake keys rewrap` and `retoken` have replaced it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TOKEN_BYTES = 16


class DecryptionError(RuntimeError):
    """A ciphertext does not belong to this key, subject and field, or its bytes have changed."""


class FieldCipher:
    """The cipher of one subject's fields. A ciphertext is bound to its subject and its field."""

    def __init__(self, subject: UUID, key: bytes) -> None:
        self._subject, self._cipher = subject, AESGCM(key)

    def encrypt(self, field: str, text: str) -> bytes:
        """Return the nonce and the ciphertext of a text (NIST SP 800-38D, random 96-bit nonce)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), self._associated_data(field))

    def decrypt(self, field: str, encrypted: bytes) -> str:
        """Return the text of a ciphertext. Raises DecryptionError."""
        nonce, ciphertext = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
        try:
            text = self._cipher.decrypt(nonce, ciphertext, self._associated_data(field))
        except (InvalidTag, ValueError) as error:
            raise DecryptionError(f"The field {field} of {self._subject} cannot be decrypted.") from error
        return text.decode()

    def _associated_data(self, field: str) -> bytes:
        return self._subject.bytes + field.encode()


class InstanceKey:
    """The keys of a country instance, derived from its secrets: each purpose has secrets of its own.

    `wrapping` and `search` are the secrets of a ring, the newest first; `digest` is the secret of request digests.
    """

    def __init__(self, wrapping: Sequence[str], search: Sequence[str], digest: str) -> None:
        self._wrapping_keys = _ring(wrapping, "wrapping")
        self._search_keys = _ring(search, "tokens")
        self._digest_key = _derive(digest, "registrations")

    @property
    def wrapping_id(self) -> str:
        """The id of the newest wrapping key."""
        return next(iter(self._wrapping_keys))

    @property
    def search_id(self) -> str:
        """The id of the newest search key."""
        return next(iter(self._search_keys))

    def create_key(self, subject: UUID) -> tuple[FieldCipher, bytes]:
        """Create a key for a subject; return its cipher and the key, wrapped by the newest wrapping key."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        return FieldCipher(subject, key), self._wrap(subject, key)

    def unwrap(self, subject: UUID, wrapped: bytes, wrapped_by: str) -> FieldCipher:
        """Return the cipher of a subject's key. Raises DecryptionError where no key of the ring opens it."""
        return FieldCipher(subject, self._unwrap(subject, wrapped, wrapped_by))

    def rewrap(self, subject: UUID, wrapped: bytes, wrapped_by: str) -> bytes:
        """Return a subject's key, wrapped by the newest wrapping key. Raises DecryptionError."""
        return self._wrap(subject, self._unwrap(subject, wrapped, wrapped_by))

    def token(self, kind: str, value: str) -> bytes:
        """Return the newest token of a value: the same for equal values of one kind, meaningless without the key."""
        return self.tokens(kind, value)[0]

    def tokens(self, kind: str, value: str) -> list[bytes]:
        """Return the tokens of a value under each search key, the newest first: a search looks for all of them."""
        text = f"{kind} {value}".encode()
        return [hmac.digest(key, text, hashlib.sha256)[:TOKEN_BYTES] for key in self._search_keys.values()]

    def request_digest(self, text: str) -> bytes:
        """Return the keyed digest of a request's content."""
        return hmac.digest(self._digest_key, text.encode(), hashlib.sha256)

    def _wrap(self, subject: UUID, key: bytes) -> bytes:
        return FieldCipher(subject, self._wrapping_keys[self.wrapping_id]).encrypt("key", key.hex())

    def _unwrap(self, subject: UUID, wrapped: bytes, wrapped_by: str) -> bytes:
        if wrapped_by not in self._wrapping_keys:
            raise DecryptionError(
                f"The key of {subject} was wrapped by {wrapped_by}. Add that secret to SOLIDARY_PERSON_KEYS."
            )
        return bytes.fromhex(FieldCipher(subject, self._wrapping_keys[wrapped_by]).decrypt("key", wrapped))


def _ring(secrets: Sequence[str], purpose: str) -> Mapping[str, bytes]:
    """Return the key of each secret by its id, which discloses nothing about the key."""
    return {_derive(secret, f"{purpose} id").hex()[:8]: _derive(secret, purpose) for secret in secrets}


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"solidary {purpose}".encode()).derive(secret.encode())
