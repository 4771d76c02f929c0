"""What was sent in for long work, compressed while it waits for its worker."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable


async def pack(chunks: AsyncIterable[bytes]) -> bytes:
    """Compresses bytes as they arrive: memory grows with what is left of them."""
    compressor = zlib.compressobj(level=1)
    parts = [await asyncio.to_thread(compressor.compress, chunk) async for chunk in chunks]
    return b"".join([*parts, compressor.flush()])


def unpack(body: bytes) -> bytes:
    return zlib.decompress(body)
