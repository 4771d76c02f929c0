"""The main loop of a worker's process, and how its parts are stopped."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine

import uvloop


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `work(stop)`; SIGTERM or SIGINT sets `stop`."""
    gc.freeze()  # imported objects live as long as the process: no collection need visit them

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work(stop)

    uvloop.run(main())


async def wait_for_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleep for some seconds, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
