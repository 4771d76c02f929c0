"""Which partition a key goes to: Kafka's own rule (murmur2), so that another producer would choose the same.

Keys are nearly always UUIDs in text, 36 bytes; those are hashed together, column by column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from aiokafka.partitioner import murmur2

UUID_BYTES = 36
SEED = np.uint32(0x9747B28C)
M = np.uint32(0x5BD1E995)


def partitions(keys: Sequence[bytes], count: int) -> list[int]:
    """The partition, 0 ≤ p < count, of each key."""
    if any(len(key) != UUID_BYTES for key in keys):
        return [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]
    words = np.frombuffer(b"".join(keys), dtype="<u4").reshape(len(keys), UUID_BYTES // 4)
    hashed = np.full(len(keys), SEED ^ np.uint32(UUID_BYTES), dtype=np.uint32)
    for column in words.T:
        mixed = column * M
        mixed ^= mixed >> np.uint32(24)
        hashed = (hashed * M) ^ (mixed * M)
    hashed ^= hashed >> np.uint32(13)
    hashed *= M
    hashed ^= hashed >> np.uint32(15)
    chosen: list[int] = ((hashed & np.uint32(0x7FFFFFFF)) % np.uint32(count)).tolist()
    return chosen
