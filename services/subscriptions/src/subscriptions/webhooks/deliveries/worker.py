"""The part of the worker that delivers: it leases deliveries that are due, sends them, and records the outcomes.

Several workers may run at once. A worker that dies leaves leases, which end by themselves; then another one sends the
events again. Each webhook has a bounded number of attempts at a time, and one that fails a single one, so a slow
receiver delays nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

import psycopg
from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database import Database
from solidary.platform.process import wait_for_stop
from solidary.platform.settings import Settings
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from subscriptions.webhooks.deliveries.commands import Claimed, claim, record_accepted, record_failure
from subscriptions.webhooks.deliveries.metrics import count_attempt
from subscriptions.webhooks.deliveries.rules import FAILING, Outcome
from subscriptions.webhooks.deliveries.sending import ATTEMPT_SECONDS, Sender
from subscriptions.webhooks.deliveries.statements import DUE_WEBHOOKS
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.policy import Policy

log = logging.getLogger(__name__)

CHANNEL = "deliveries"
PER_WEBHOOK = 16
"""The attempts at one webhook that a worker makes at once."""
FAILURES = (psycopg.Error, DBAPIError, PoolTimeout, OSError)
"""The errors of a database that is lost or busy."""
TRANSACTIONS = 4
"""The database transactions that a worker has open at once for its deliveries."""


@dataclass(frozen=True)
class Timing:
    """The times of a worker, in seconds."""

    lease: float = ATTEMPT_SECONDS * 4
    """After so long another worker takes the deliveries of one that died."""
    poll: float = 1.0
    """It is woken when events arrive; polling finds what is due again."""
    round: float = 0.01
    """The shortest interval between two rounds: a round costs as much for one delivery as for ten."""
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
        self._accepted: dict[UUID, list[tuple[Claimed, Outcome]]] = defaultdict(list)
        """The deliveries of each webhook that the next round records."""
        self._transactions = asyncio.Semaphore(TRANSACTIONS)
        self._wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, through losses of the database."""
        waking = asyncio.create_task(self._wake_on(stop))
        try:
            while not stop.is_set():
                try:
                    await self._work(stop)
                except FAILURES as error:
                    log.warning("deliveries continue in a second after %s", type(error).__name__)
                    await wait_for_stop(stop, 1)
        finally:
            waking.cancel()
            if self._attempts:
                await asyncio.wait(self._attempts, timeout=self._timing.stop)
            for attempt in self._attempts:
                attempt.cancel()
            await self._record_rest()

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
                    await asyncio.sleep(self._timing.round)
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
        """Record what was accepted, and start attempts at what is due, of each webhook in one transaction."""
        async with self._transactions, self._database.session_without_scope() as session:
            due = (await session.execute(DUE_WEBHOOKS)).all()
        failures = {(row.id, row.agency): row.failures for row in due}
        recorded = {(webhook, done[0][0].agency) for webhook, done in self._accepted.items()}
        await asyncio.gather(
            *(
                self._serve(webhook, agency, self._free(webhook, failures.get((webhook, agency))))
                for webhook, agency in recorded | failures.keys()
            )
        )

    def _free(self, webhook: UUID, failures: int | None) -> int:
        """Return how many attempts at a webhook may start; None: nothing is due."""
        if failures is None:
            return 0
        return (1 if failures >= FAILING else PER_WEBHOOK) - self._running[webhook]

    async def _serve(self, webhook: UUID, agency: UUID, free: int) -> None:
        accepted = self._accepted.pop(webhook, [])
        claimed: list[Claimed] = []
        if not accepted and free <= 0:
            return
        try:
            async with self._transactions, self._database.unit_for_timer(agency) as unit:
                await record_accepted(unit, accepted)
                if free > 0:
                    seconds = self._timing.lease
                    claimed = await claim(unit, self._cipher, webhook, limit=free, seconds=seconds)
        except BaseException:
            if accepted:
                self._accepted[webhook] += accepted
            raise
        for each in claimed:
            self._running[webhook] += 1
            attempt = asyncio.create_task(self._deliver(each))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)

    async def _record_rest(self) -> None:
        """Record at the end what was accepted; what cannot be recorded is sent again when its lease has ended."""
        try:
            for webhook, done in list(self._accepted.items()):
                await self._serve(webhook, done[0][0].agency, 0)
        except FAILURES as error:
            log.warning("outcomes of deliveries were not recorded: %s", type(error).__name__)

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            headers, body = claimed.message()
            outcome = await self._sender.send(claimed.agency, claimed.url, headers, body)
            count_attempt(outcome)
            if outcome.failure is None:
                self._accepted[claimed.webhook].append((claimed, outcome))
            else:
                async with self._transactions, self._database.unit_for_timer(claimed.agency) as unit:
                    await record_failure(unit, claimed, outcome, pause_scale=self._timing.pause_scale)
        except FAILURES as error:
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
