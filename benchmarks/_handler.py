"""python -m benchmarks._handler FILE [alone]: handles letters and notes, per event, when its effect was committed.

FILE gets a line `event-id time` (seconds since the epoch). `alone`: one transaction per event.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.record import Record
from solidary.platform.messaging.running import run_until_stopped
from solidary.platform.settings import Settings

from benchmarks._letters import service
from benchmarks._servers import Place, Processes


class Noting(Consumer):
    """A consumer that notes when each event's effect was committed."""

    notes: TextIO
    alone: bool

    async def take(self, records: Sequence[Record]) -> None:
        for batch in [[record] for record in records] if self.alone else [records]:
            await super().take(batch)
            now = time.time()
            self.notes.writelines(f"{record.event_id} {now}\n" for record in batch)
        self.notes.flush()


def start(place: Place, processes: Processes, notes: Path, *, alone: bool = False) -> None:
    """Starts it on a place."""
    command = [sys.executable, "-m", "benchmarks._handler", str(notes), *(["alone"] if alone else [])]
    processes.start(command, place.environment)


def read(notes: Path) -> dict[str, float]:
    """Event id → when its effect was committed, in the order of the commits; whole lines only."""
    whole = notes.read_text().rpartition("\n")[0] if notes.exists() else ""
    return {id_: float(at) for id_, at in (line.split() for line in whole.splitlines())}


async def _handle(notes: Path, alone: bool, stop: asyncio.Event) -> None:
    settings = Settings()
    database = service.database(settings)
    (subscriber,) = service.subscribers
    consumer = Noting(
        subscriber,
        database,
        settings.kafka_settings,
        principal=service.principal,
        topics=service.topics(subscriber, settings.country),
    )
    consumer.alone = alone
    with notes.open("a") as consumer.notes:
        await consumer.run(stop)
    await database.close()


if __name__ == "__main__":
    run_until_stopped(partial(_handle, Path(sys.argv[1]), "alone" in sys.argv[2:]))
