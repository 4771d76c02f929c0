"""How a worker's parts are told to stop."""

from __future__ import annotations

import asyncio
import signal


def stopped_by_signal() -> asyncio.Event:
    """Set at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def wait_for_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but wakes when told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
