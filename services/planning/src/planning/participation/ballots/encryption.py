"""The encryption of ballot boxes with AES-256-GCM, under a key that is derived for each round."""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from planning.problems import BallotBoxUnreadable

KEY_BYTES = 32
NONCE_BYTES = 12


class BoxCipher:
    """The cipher of the boxes of one round of a plan.

    A ciphertext is bound to its box and to its number of ballots. It is encrypted anew, with a random nonce
    (NIST SP 800-38D), each time a ballot is added: nothing of an earlier one remains in it.
    """

    def __init__(self, secret: bytes, plan: UUID, round_: int) -> None:
        info = b"solidary ballot box " + plan.bytes + round_.to_bytes(4, "big")
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret))

    def encrypt(self, box: UUID, ballots: int, content: bytes) -> bytes:
        """Return the nonce and the ciphertext of a box's content."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _bound_to(box, ballots))

    def decrypt(self, box: UUID, ballots: int, encrypted: bytes) -> bytes:
        """Return a box's content. Raises BallotBoxUnreadable."""
        nonce, ciphertext = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound_to(box, ballots))
        except (InvalidTag, ValueError) as error:
            raise BallotBoxUnreadable from error


def _bound_to(box: UUID, ballots: int) -> bytes:
    return box.bytes + ballots.to_bytes(4, "big")
