"""Requests that wait for the next event of their agency.

All requests of a process share one connection, on which PostgreSQL announces the agencies that have new events. It is
open while anybody waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
from solidary.platform.connection import CONNECTION_PARAMETERS

from subscriptions.problems import TooManyWaiting

log = logging.getLogger(__name__)

CHANNEL = "feed"
WAITING_PER_AGENCY = 5
"""The requests of one agency that may wait in one process."""
RECONNECT_SECONDS = 0.5


class Announcements:
    """The announcements of new events in one process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def waiter(self, agency: UUID) -> AsyncIterator[asyncio.Event]:
        """Provide an event that is set now, and when the agency has new events. Raises TooManyWaiting."""
        if len(self._waiting[agency]) >= WAITING_PER_AGENCY:
            raise TooManyWaiting
        announced = asyncio.Event()
        self._waiting[agency].add(announced)
        try:
            if self._task is None or self._task.done():
                self._listening.clear()
                self._task = asyncio.create_task(self._listen())
            await self._listening.wait()
            announced.set()  # an event may have come between the caller's last look and this moment
            yield announced
        finally:
            self._waiting[agency].discard(announced)
            if not self._waiting[agency]:
                del self._waiting[agency]
            if not self._waiting and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except psycopg.Error as error:
                log.warning("the announcements of events are connected again after %s", type(error).__name__)
            # What was announced meanwhile is lost, so all look again.
            self._wake_all()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, application_name="subscriptions-feed", **CONNECTION_PARAMETERS
        ) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            self._wake_all()
            async for announcement in connection.notifies():
                for waiter in self._waiting.get(UUID(announcement.payload), ()):
                    waiter.set()

    def _wake_all(self) -> None:
        for waiters in self._waiting.values():
            for waiter in waiters:
                waiter.set()
