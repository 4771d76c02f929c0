"""The encryption of an order's file while it waits for the person who took the order.

The API's secret makes a key pair. The worker gets the public key with its job and encrypts to it (X25519, HKDF,
AES-GCM). Only the API, which holds the secret, can read the file: not a worker, nor a copy of the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID
from zlib import compressobj

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from solidary.platform.jobs import decompress

from cash.delivery.instructions.files import CHUNK_BYTES, OrderFile
from cash.problems import OrderFileNotKept

KEY_BYTES = 32
NONCE = bytes(12)
"""Each key encrypts one file, so that its nonce need not differ."""


def public_key(secret: bytes) -> bytes:
    """Return the public key to which files are encrypted."""
    return _private_key(secret).public_key().public_bytes_raw()


def encrypt_file(recipient: bytes, id_: UUID, file: OrderFile) -> bytes:
    """Return a file, compressed and encrypted to a public key under an id, and close it."""
    compressor, parts = compressobj(level=1), []
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            parts.append(compressor.compress(chunk))
    compressed = b"".join([*parts, compressor.flush()])
    ephemeral = X25519PrivateKey.generate()
    sender = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    return sender + _cipher(shared, sender + recipient).encrypt(NONCE, compressed, id_.bytes)


def decrypt_file(secret: bytes, id_: UUID, stored: bytes) -> Iterator[bytes]:
    """Return the chunks of a stored file. Raises OrderFileNotKept where it was encrypted to another key."""
    private = _private_key(secret)
    sender, content = stored[:KEY_BYTES], stored[KEY_BYTES:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
    cipher = _cipher(shared, sender + private.public_key().public_bytes_raw())
    try:
        compressed = cipher.decrypt(NONCE, content, id_.bytes)
    except InvalidTag:
        raise OrderFileNotKept("The secret of the service has changed since the file was written.") from None
    return decompress([compressed])


def _private_key(secret: bytes) -> X25519PrivateKey:
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"solidary order files").derive(secret)
    return X25519PrivateKey.from_private_bytes(derived)


def _cipher(shared: bytes, keys: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"solidary order file " + keys).derive(shared))
