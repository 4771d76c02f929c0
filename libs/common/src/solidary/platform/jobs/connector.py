"""The connections of a worker to its queues: one listens for the jobs of all queues, others are opened when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import procrastinate
from procrastinate.connector import Notify
from procrastinate.manager import get_channel_for_queues

from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database.idle import WINDOW_SECONDS


class Connector(procrastinate.PsycopgConnector):
    """A connector whose queues share the connection that waits for notifications: each is a process of PostgreSQL."""

    def __init__(self, url: str, queues: Iterable[str]) -> None:
        super().__init__(
            conninfo=url,
            kwargs={**CONNECTION_PARAMETERS, "options": "-c search_path=machinery"},
            min_size=1,
            max_size=6,
            max_idle=WINDOW_SECONDS,
        )
        self._channels = list(get_channel_for_queues(queues))
        self._listeners: dict[str, Notify] = {}
        self._turn = asyncio.Lock()

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Give a queue its notifications until it is cancelled. One queue listens for all; the next one takes over."""
        names = list(channels)
        self._listeners |= dict.fromkeys(names, on_notification)
        try:
            async with self._turn:
                await super().listen_notify(self._pass_on, self._channels)
        finally:
            for name in names:
                self._listeners.pop(name, None)

    async def _pass_on(self, *, channel: str, payload: str) -> None:
        if channel in self._listeners:
            await self._listeners[channel](channel=channel, payload=payload)
