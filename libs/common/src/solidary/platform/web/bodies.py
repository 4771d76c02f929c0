"""The body of a request, read whole before the route begins: with a limit, a deadline, and a share of memory.

So a caller who sends slowly holds neither a transaction nor a connection to the database. A body that is too slow is
refused with 408, one that is too large with 413, and with 503 while the bodies of this process fill their memory.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from solidary.language.problems import Busy, Problem

FIRST_SECONDS = 10.0
"""The time for a body, beside what its bytes earn."""
BYTES_PER_SECOND = 64 * 1024
"""The slowest pace of a body: half a megabit a second."""
MEMORY = 256 * 1024 * 1024
"""The most bytes of bodies that one process holds."""
MEMORY_OF_CALLER = 80 * 1024 * 1024
"""The most bytes of bodies that one process holds for one caller: one large file and more."""


class BodyTooLarge(Problem):
    """The body has more bytes than the route accepts."""

    status, slug, title = 413, "body-too-large", "The body is too large"
    action = "Send a smaller body: the detail gives the limit in bytes."


class BodyTooSlow(Problem):
    """The body did not arrive in time."""

    status, slug, title = 408, "body-too-slow", "The body did not arrive in time"
    action = "Send the request again, over a faster connection or with a smaller body."
    headers: ClassVar = {"Connection": "close"}


class Body:
    """A request's body: its parts in order, its size and its digest."""

    def __init__(self) -> None:
        self.size = 0
        self.hash = hashlib.sha256()
        self._parts: deque[bytes] = deque()

    def add(self, part: bytes) -> None:
        """Add a part."""
        self.size += len(part)
        self.hash.update(part)
        self._parts.append(part)

    def content(self) -> bytes:
        """Return the body, which stays in place."""
        if len(self._parts) > 1:
            self._parts = deque([b"".join(self._parts)])
        return self._parts[0] if self._parts else b""

    def replace(self, content: bytes) -> None:
        """Put other content in its place; size and digest stay those of what arrived."""
        self._parts = deque([content])

    def replay(self, receive: Receive) -> Receive:
        """Return a `receive` that gives each part once, and after them only the end of the connection."""
        is_over = False

        async def replayed() -> Message:
            nonlocal is_over
            while is_over:
                message = await receive()
                if message["type"] != "http.request":
                    return message
            part = self._parts.popleft() if self._parts else b""
            is_over = not self._parts
            return {"type": "http.request", "body": part, "more_body": not is_over}

        return replayed


class BodyReader:
    """Reads the bodies of a process's requests and counts what they hold, in all and for each caller."""

    def __init__(self, *, memory: int = MEMORY, memory_of_caller: int = MEMORY_OF_CALLER) -> None:
        self._memory, self._memory_of_caller = memory, memory_of_caller
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def read(self, receive: Receive, *, caller: str, limit: int) -> AsyncIterator[Body]:
        """Yield a body that has arrived; its memory counts until the block ends.

        Raises BodyTooLarge, BodyTooSlow, Busy, and ClientDisconnect.
        """
        body = Body()
        try:
            await self._read(receive, body, caller, limit)
            yield body
        finally:
            self._held[caller] -= body.size
            if not self._held[caller]:
                del self._held[caller]

    async def _read(self, receive: Receive, body: Body, caller: str, limit: int) -> None:
        loop = asyncio.get_running_loop()
        started, more = loop.time(), True
        while more:
            try:
                async with asyncio.timeout_at(started + FIRST_SECONDS + body.size / BYTES_PER_SECOND):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part, more = message.get("body", b""), message.get("more_body", False)
            if body.size + len(part) > limit:
                raise too_large(limit)
            body.add(part)
            self._held[caller] += len(part)
            if self._held[caller] > self._memory_of_caller or self._held.total() > self._memory:
                raise Busy


def too_large(limit: int) -> BodyTooLarge:
    """Return the problem of a body over a limit in bytes."""
    return BodyTooLarge(f"At most {limit:,} bytes are possible here.")
