"""The batches of a permit, and the conditions of their use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from intake.problems import PermitMismatch, PermitOver

VALIDITY = timedelta(minutes=15)
"""The life of a permit: an order of 100,000 payments takes half a minute, and may wait behind other long work."""
MAX_BATCHES = 2500
BATCH_SIZE = 1000
"""The largest number of payments in a batch, which cash asks for at once."""


def batch_digest(payments: Iterable[tuple[UUID, UUID]]) -> bytes:
    """Return the SHA-256 of a batch: for each payment its id and its package's id, 16 bytes each, in their order."""
    return sha256(b"".join(payment.bytes + package.bytes for payment, package in payments)).digest()


def require_permitted(
    digests: Sequence[bytes], valid_until: datetime, *, batch: int, digest: bytes, now: datetime
) -> None:
    """Check that a permit with these digests allows a batch (from 1 on) now. Raises PermitOver, PermitMismatch."""
    if now >= valid_until:
        raise PermitOver
    if not 1 <= batch <= len(digests) or digests[batch - 1] != digest:
        raise PermitMismatch
