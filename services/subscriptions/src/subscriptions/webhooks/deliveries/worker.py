"""The part of the worker that delivers: it leases deliveries that are due, sends them, and records the outcomes.

Several workers may run at once. A worker that dies leaves leases, which end by themselves; then another one sends the
events again. Each webhook has a bounded number of attempts at a time, and one that fails a single one, so a slow
receiver delays nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import psycopg
from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database import Database
from solidary.platform.process import wait_for_stop
from solidary.platform.settings import Settings
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from subscriptions.webhooks.deliveries.commands import Claimed, claim, record_outcome
from subscriptions.webhooks.deliveries.rules import FAILING
from subscriptions.webhooks.deliveries.sending import ATTEMPT_SECONDS, Sender
from subscriptions.webhooks.deliveries.statements import DUE_WEBHOOKS
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.policy import Policy

log = logging.getLogger(__name__)

CHANNEL = "deliveries"
PER_WEBHOOK = 8
"""The attempts at one webhook that a worker makes at once."""
TRANSACTIONS = 4
"""The database transactions that a worker has open at once for its deliveries."""


@dataclass(frozen=True)
class Timing:
    """The times of a worker, in seconds."""

    lease: float = ATTEMPT_SECONDS * 4
    """After so long another worker takes the deliveries of one that died."""
    poll: float = 1.0
    """It is woken when events arrive; polling finds what is due again."""
    stop: float = 5.0
    """The time in which attempts may end when the worker stops."""
    pause_scale: float = 1.0
    """A factor of all pauses before a repetition, for tests."""


class Deliverer:
    """The loop of one worker."""

    def __init__(
        self, database: Database, url: str, sender: Sender, cipher: SecretCipher, timing: Timing | None = None
    ) -> None:
        self._database, self._url, self._sender, self._cipher = database, url, sender, cipher
        self._timing = timing or Timing()
        self._running: Counter[UUID] = Counter()
        self._attempts: set[asyncio.Task[None]] = set()
        self._transactions = asyncio.Semaphore(TRANSACTIONS)
        self._wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, through losses of the database."""
        waking = asyncio.create_task(self._wake_on(stop))
        try:
            while not stop.is_set():
                try:
                    await self._work(stop)
                except (psycopg.Error, DBAPIError, PoolTimeout, OSError) as error:
                    log.warning("deliveries continue in a second after %s", type(error).__name__)
                    await wait_for_stop(stop, 1)
        finally:
            waking.cancel()
            if self._attempts:
                await asyncio.wait(self._attempts, timeout=self._timing.stop)
            for attempt in self._attempts:
                attempt.cancel()

    async def _work(self, stop: asyncio.Event) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, application_name="subscriptions-deliveries", **CONNECTION_PARAMETERS
        ) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            listening = asyncio.create_task(self._listen(connection))
            try:
                while not (stop.is_set() or listening.done()):
                    self._wake.clear()
                    await self._start_due()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), self._timing.poll)
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening

    async def _listen(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        async for _ in connection.notifies():
            self._wake.set()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _start_due(self) -> None:
        """Start attempts at what is due, as many of each webhook as it may have."""
        async with self._transactions, self._database.session_without_scope() as session:
            due = (await session.execute(DUE_WEBHOOKS)).all()
        await asyncio.gather(*(self._start(row.id, row.agency, row.failures) for row in due))

    async def _start(self, webhook: UUID, agency: UUID, failures: int) -> None:
        free = (1 if failures >= FAILING else PER_WEBHOOK) - self._running[webhook]
        if free <= 0:
            return
        async with self._transactions, self._database.unit_for_timer(agency) as unit:
            claimed = await claim(unit, self._cipher, webhook, limit=free, seconds=self._timing.lease)
        for each in claimed:
            self._running[webhook] += 1
            attempt = asyncio.create_task(self._deliver(each))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            headers, body = claimed.message()
            outcome = await self._sender.send(claimed.agency, claimed.url, headers, body)
            async with self._transactions, self._database.unit_for_timer(claimed.agency) as unit:
                await record_outcome(unit, claimed, outcome, pause_scale=self._timing.pause_scale)
        except (psycopg.Error, DBAPIError, PoolTimeout, OSError) as error:
            log.warning("the outcome of a delivery was not recorded: %s", type(error).__name__)
        finally:
            self._running[claimed.webhook] -= 1
            if not self._running[claimed.webhook]:
                del self._running[claimed.webhook]
            self._wake.set()


async def deliver(settings: Settings, database: Database, stop: asyncio.Event) -> None:
    """Deliver events to webhooks until `stop`."""
    sender = Sender(Policy.of(settings))
    try:
        cipher = SecretCipher.of(settings)
        await Deliverer(database, settings.app_database_url, sender, cipher).run(stop)
    finally:
        await sender.close()
