"""The main loop of a worker's process, its ceiling of memory, and how its parts are stopped."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import resource
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path

import uvloop

from solidary.files.command_line import CommandError

HEARTBEAT = "SOLIDARY_HEARTBEAT"
"""The variable with the file that shows that a process without an API works."""
HEARTBEAT_SECONDS = 10.0


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `work(stop)`; SIGTERM or SIGINT sets `stop`. The event loop touches the file in SOLIDARY_HEARTBEAT."""
    gc.freeze()  # imported objects live as long as the process: no collection need visit them

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        heartbeat = asyncio.create_task(beat(heartbeat_file()))
        try:
            await work(stop)
        finally:
            heartbeat.cancel()

    uvloop.run(main())


def heartbeat_file() -> Path | None:
    """Return the file in SOLIDARY_HEARTBEAT, if there is one. Raises CommandError where it cannot be written."""
    name = os.environ.get(HEARTBEAT)
    if not name:
        return None
    try:
        Path(name).touch()
    except OSError as error:
        raise CommandError(
            f"{HEARTBEAT}={name} cannot be written: {error.strerror}. Name another file."
        ) from error
    return Path(name)


async def beat(file: Path | None) -> None:
    """Touch a file again and again, so that its age shows whether the event loop still runs."""
    while file is not None:
        os.utime(file)
        await asyncio.sleep(HEARTBEAT_SECONDS)


def freeze() -> None:
    """Leave all that was made until now out of garbage collections: it lives as long as the process."""
    gc.collect()
    gc.freeze()


def limit_memory(mebibytes: int) -> None:
    """Make every allocation fail that would take this process's data over the limit; a failed one is a MemoryError.

    So an input that needs too much fails by itself, before the machine ends whatever it finds.
    """
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if most < 0 else min(wanted, most), most))


def return_memory() -> None:
    """Give what is free in this process's heaps back to the machine, where the C library can (glibc).

    After long work with many threads most of its peak would stay: glibc keeps a heap for each thread.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


async def wait_for_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleep for some seconds, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
