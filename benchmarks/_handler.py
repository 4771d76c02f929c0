"""`python -m benchmarks._handler FILE [single]`: a consumer that records when the effect of each event was committed.

It appends a line `event-id time` (in seconds since the epoch) to FILE. With `single` it has one transaction per event.
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
from solidary.platform.process import run_until_stopped
from solidary.platform.settings import Settings

from benchmarks._sample_service import service
from benchmarks._servers import Processes, Target


class RecordingConsumer(Consumer):
    """A consumer that records when the effect of each event was committed."""

    times: TextIO
    is_single: bool

    async def handle_batch(self, records: Sequence[Record]) -> None:
        """Handle records, and record the time of each commit."""
        for batch in [[record] for record in records] if self.is_single else [records]:
            await super().handle_batch(batch)
            now = time.time()
            self.times.writelines(f"{record.event_id} {now}\n" for record in batch)
        self.times.flush()


def start(target: Target, processes: Processes, times: Path, *, single: bool = False) -> None:
    """Start the consumer on a target."""
    command = [sys.executable, "-m", "benchmarks._handler", str(times), *(["single"] if single else [])]
    processes.start(command, target.environment)


def read(times: Path) -> dict[str, float]:
    """Return the time of the commit of each event's effect by the event's id, in the order of the commits."""
    complete_lines = times.read_text().rpartition("\n")[0] if times.exists() else ""
    return {id_: float(time_) for id_, time_ in (line.split() for line in complete_lines.splitlines())}


async def _handle(times: Path, is_single: bool, stop: asyncio.Event) -> None:
    settings = Settings()
    database = service.database(settings)
    (subscriber,) = service.subscribers
    consumer = RecordingConsumer(
        subscriber,
        database,
        settings.kafka_settings,
        principal=service.principal,
        topics=service.topics(subscriber, settings.country),
    )
    consumer.is_single = is_single
    with times.open("a") as consumer.times:
        await consumer.run(stop)
    await database.close()


if __name__ == "__main__":
    run_until_stopped(partial(_handle, Path(sys.argv[1]), "single" in sys.argv[2:]))
