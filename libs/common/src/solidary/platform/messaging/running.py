"""How a worker's process runs, and how its parts are told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine

import uvloop


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Runs `work(stop)`; SIGTERM or SIGINT sets `stop`."""
    gc.freeze()  # what was imported stays: no pause to look through it again and again

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work(stop)

    uvloop.run(main())


async def wait_for_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but wakes when told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
