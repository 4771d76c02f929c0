"""The resolution of receivers' names, in threads of its own.

A name server that does not answer keeps a thread until the system gives up. Each agency has few of them, so that
nobody's name server delays the deliveries of others.
"""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from subscriptions.engines.addresses.networks import Address

THREADS = 64
THREADS_PER_AGENCY = 4


class Resolver:
    """A resolver of names by the system's own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._free: dict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(THREADS_PER_AGENCY))

    async def __call__(self, agency: UUID, name: str, port: int) -> list[Address]:
        """Return the addresses of a name. Raises OSError where it has none."""
        free = self._free[agency]
        await free.acquire()
        loop = asyncio.get_running_loop()

        def release(lookup: Future[Any]) -> None:
            loop.call_soon_threadsafe(free.release)

        lookup = self._threads.submit(socket.getaddrinfo, name, port, 0, socket.SOCK_STREAM)
        lookup.add_done_callback(release)
        found = await asyncio.shield(asyncio.wrap_future(lookup))
        return [ip_address(str(address[0])) for *_, address in found]

    def close(self) -> None:
        """Begin no further look-up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
