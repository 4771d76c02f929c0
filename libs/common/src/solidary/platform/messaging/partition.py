"""Which partition a key goes to: Kafka's own rule (murmur2), so that another producer would choose the same.

Keys are nearly always UUIDs in text, 36 bytes; those are hashed together, column by column.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from aiokafka.partitioner import murmur2

UUID_BYTES = 36
SEED = 0x9747B28C
M = 0x5BD1E995
MANY = 64
"""From so many keys on numpy is worth its import: 20 MB and a sixth of a second, once in a process."""


def partitions(keys: Sequence[bytes], count: int) -> list[int]:
    """Return the partition, 0 ≤ p < count, of each key."""
    if any(len(key) != UUID_BYTES for key in keys) or (len(keys) < MANY and "numpy" not in sys.modules):
        return [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]
    return _of_uuids(keys, count)


def _of_uuids(keys: Sequence[bytes], count: int) -> list[int]:
    """Return the partitions of keys of 36 bytes, hashed together."""
    import numpy as np

    multiplier = np.uint32(M)
    words = np.frombuffer(b"".join(keys), dtype="<u4").reshape(len(keys), UUID_BYTES // 4)
    hashed = np.full(len(keys), SEED ^ UUID_BYTES, dtype=np.uint32)
    for column in words.T:
        mixed = column * multiplier
        mixed ^= mixed >> np.uint32(24)
        hashed = (hashed * multiplier) ^ (mixed * multiplier)
    hashed ^= hashed >> np.uint32(13)
    hashed *= multiplier
    hashed ^= hashed >> np.uint32(15)
    chosen: list[int] = ((hashed & np.uint32(0x7FFFFFFF)) % np.uint32(count)).tolist()
    return chosen
