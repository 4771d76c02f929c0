"""The encryption of the secrets of webhooks, with AES-256-GCM under a secret of the instance."""

from __future__ import annotations

import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from solidary.platform.settings import Settings, ring

KEY_BYTES, NONCE_BYTES = 32, 12


class DecryptionError(RuntimeError):
    """No secret of the ring decrypts the secret of a webhook."""


class SecretCipher:
    """A cipher with the secrets of a ring: the first encrypts, all of them decrypt.

    A ciphertext is bound to its webhook.
    """

    def __init__(self, ring: Sequence[str]) -> None:
        self._ciphers = [AESGCM(_derive(secret)) for secret in ring]

    @classmethod
    def of(cls, settings: Settings) -> SecretCipher:
        """Return the cipher of a process. Raises RuntimeError where it has no SOLIDARY_WEBHOOK_KEYS."""
        if settings.webhook_keys is None:
            raise RuntimeError("SOLIDARY_WEBHOOK_KEYS is not set.")
        return cls(ring(settings.webhook_keys))

    def encrypt(self, webhook: UUID, secret: str) -> bytes:
        """Return a webhook's secret, encrypted."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, secret.encode(), webhook.bytes)

    def decrypt(self, webhook: UUID, encrypted: bytes) -> str:
        """Return a webhook's secret. Raises DecryptionError."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(
                    encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], webhook.bytes
                ).decode()
            except (InvalidTag, ValueError):
                continue
        raise DecryptionError(f"The secret of the webhook {webhook} cannot be decrypted.")


def _derive(secret: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"solidary webhooks").derive(secret.encode())
