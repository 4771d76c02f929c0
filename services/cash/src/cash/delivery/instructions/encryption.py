"""The encryption of an order's file while it waits for the person who took the order.

The key is made from the service's secret, which is not in the database: whoever has a backup reads no name in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import UUID
from zlib import compressobj

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr
from solidary.platform.jobs import decompress

from cash.delivery.instructions.files import CHUNK_BYTES, OrderFile
from cash.problems import OrderFileNotKept

NONCE_BYTES = 12


def encrypt_file(secret: SecretStr, id_: UUID, file: OrderFile) -> bytes:
    """Return a file, compressed and encrypted under an id, and close it."""
    compressor, parts = compressobj(level=1), []
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            parts.append(compressor.compress(chunk))
    compressed = b"".join([*parts, compressor.flush()])
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(secret, id_).encrypt(nonce, compressed, id_.bytes)


def decrypt_file(secret: SecretStr, id_: UUID, stored: bytes) -> Iterator[bytes]:
    """Return the chunks of a stored file. Raises OrderFileNotKept where another secret encrypted it."""
    nonce, content = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
    try:
        compressed = _cipher(secret, id_).decrypt(nonce, content, id_.bytes)
    except InvalidTag:
        raise OrderFileNotKept("The secret of the service has changed since the file was written.") from None
    return decompress(compressed)


def _cipher(secret: SecretStr, id_: UUID) -> AESGCM:
    derivation = HKDF(SHA256(), 32, salt=id_.bytes, info=b"solidary order file")
    return AESGCM(derivation.derive(secret.get_secret_value().encode()))
