"""The closing of connections that a pool keeps and nobody needs.

Each connection is a process of PostgreSQL. A pool grows to what a busy minute takes and would keep it for good; all
pools of a platform together would keep many times what it uses.
"""

from __future__ import annotations

import asyncio
from typing import cast

from sqlalchemy import QueuePool, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

WINDOW_SECONDS = 30.0


class IdleConnections:
    """Replaces an engine's pool where it keeps more connections than were used at once in the last window.

    It does so only while no connection is in use; the next ones are opened when they are needed.
    """

    def __init__(self, engine: AsyncEngine, window: float) -> None:
        self._engine, self._window, self._used = engine, window, 0
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        event.listen(engine.sync_engine, "checkout", self._note_use)

    def stop(self) -> None:
        """End the checks."""
        if self._timer is not None:
            self._timer.cancel()

    def _note_use(self, *_: object) -> None:
        self._used = max(self._used, self._pool.checkedout())
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._window, self._end_window)

    @property
    def _pool(self) -> QueuePool:
        return cast(QueuePool, self._engine.pool)

    def _end_window(self) -> None:
        self._timer = None
        self._closing = asyncio.ensure_future(self._close_idle())

    async def _close_idle(self) -> None:
        pool, used = self._pool, self._used
        self._used = pool.checkedout()
        if not self._used and pool.checkedin() > used:
            await self._engine.dispose(close=False)
            await greenlet_spawn(pool.dispose)
        elif self._timer is None and pool.checkedin() + self._used:
            self._timer = asyncio.get_running_loop().call_later(self._window, self._end_window)
