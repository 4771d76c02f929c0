"""The partition of a key by Kafka's own rule (murmur2), so that any other producer would choose the same one.

Nearly all keys are UUIDs in text, 36 bytes. Those are hashed together: one integer holds a 64-bit lane for each key, so
that one multiplication multiplies all of them. No product of two 32-bit numbers leaves its lane. For a batch this is
about ten times as fast as a loop over the keys, and needs no NumPy in the relay's process.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import iter_unpack, pack, unpack

from aiokafka.partitioner import murmur2

UUID_BYTES = 36
SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
POSITIVE = 0x7FFFFFFF


def partitions(keys: Sequence[bytes], count: int) -> list[int]:
    """Return the partition, 0 ≤ p < count, of each key."""
    if any(len(key) != UUID_BYTES for key in keys):
        return [(murmur2(key) & POSITIVE) % count for key in keys]
    return [(hashed & POSITIVE) % count for hashed in _hash_uuids(keys)]


def _hash_uuids(keys: Sequence[bytes]) -> tuple[int, ...]:
    """Return murmur2 of each key of 36 bytes."""
    number = len(keys)
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * number, "little")
    low = ones * 0xFFFFFFFF
    hashed = ones * (SEED ^ UUID_BYTES)
    for words in zip(*iter_unpack("<9I", b"".join(keys)), strict=True):
        word = int.from_bytes(pack(f"<{number}Q", *words), "little") * MULTIPLIER & low
        word ^= (word >> 24) & (ones * 0xFF)
        hashed = (hashed * MULTIPLIER ^ word * MULTIPLIER) & low
    hashed ^= (hashed >> 13) & (ones * (0xFFFFFFFF >> 13))
    hashed = hashed * MULTIPLIER & low
    hashed ^= (hashed >> 15) & (ones * (0xFFFFFFFF >> 15))
    return unpack(f"<{number}Q", hashed.to_bytes(8 * number, "little"))
