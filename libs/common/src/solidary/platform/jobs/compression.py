"""Compression of an upload while it waits for the worker that processes it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, Iterable, Iterator

PART_BYTES = 64 * 1024
BYTES_AT_ONCE = 512 * 1024
"""The bytes that are compressed by one thread: a thread takes longer to start than the few bytes of one message."""


async def compress(chunks: AsyncIterable[bytes]) -> bytes:
    """Compress bytes as they arrive; only the compressed form is held in memory."""
    compressor = zlib.compressobj(level=1)
    parts: list[bytes] = []
    waiting, size = list[bytes](), 0
    async for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BYTES_AT_ONCE:
            parts.append(await asyncio.to_thread(compressor.compress, b"".join(waiting)))
            waiting, size = [], 0
    parts.append(await asyncio.to_thread(compressor.compress, b"".join(waiting)))
    return b"".join([*parts, compressor.flush()])


def decompress(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what `compress` was given, from its result in parts, in parts of at most PART_BYTES."""
    decompressor = zlib.decompressobj()
    for packed in parts:
        rest = packed
        while part := decompressor.decompress(rest, PART_BYTES):
            yield part
            rest = decompressor.unconsumed_tail
