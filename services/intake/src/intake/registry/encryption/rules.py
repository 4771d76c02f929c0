"""Encryption with AES-256-GCM: one key per person, wrapped by the key of the country instance.

Destroying a person's key erases everything that was encrypted with it, in every copy. Search tokens are keyed
too (HMAC-SHA256), so that no name can be found by hashing a list of names.
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
    """The key of a country instance, derived from its secret: it wraps people's keys and computes search tokens.

    `fingerprint` distinguishes two instance keys without disclosing anything about them.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.fingerprint = self._derive("fingerprint").hex()[:8]
        self._wrapping_key, self._token_key = self._derive("wrapping"), self._derive("tokens")

    def create_person_key(self, person_id: UUID) -> tuple[FieldCipher, bytes]:
        """Create a key for a person; return its cipher and the wrapped key, which is to be stored."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        wrapped = FieldCipher(person_id, self._wrapping_key).encrypt("key", key.hex())
        return FieldCipher(person_id, key), wrapped

    def unwrap(self, person_id: UUID, wrapped: bytes) -> FieldCipher:
        """Return the cipher of a person's key. Raises DecryptionError if another instance key wrapped it."""
        key = FieldCipher(person_id, self._wrapping_key).decrypt("key", wrapped)
        return FieldCipher(person_id, bytes.fromhex(key))

    def temporary_cipher(self, subject: UUID) -> FieldCipher:
        """Return a cipher for what is kept for a day only and concerns several people."""
        return FieldCipher(subject, self._derive(f"temporary {subject}"))

    def token(self, kind: str, value: str) -> bytes:
        """Return the token of a value: the same for equal values of one kind, and meaningless without the key."""
        return hmac.new(self._token_key, f"{kind} {value}".encode(), hashlib.sha256).digest()[:TOKEN_BYTES]

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"solidary {purpose}".encode()).derive(self._secret)
