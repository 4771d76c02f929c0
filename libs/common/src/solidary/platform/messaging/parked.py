"""An operator's commands on parked keys: replay one in order, or discard its events."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.messaging import inbox
from solidary.platform.messaging.consumer import handle
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.subscriber import Subscriber


async def replay(
    database: Database,
    principal: Principal,
    subscriber: Subscriber,
    key: str,
    kafka: KafkaSettings | None = None,
) -> int:
    """Handle a parked key's events in order, each in its own transaction, then free the key.

    Raises the handler's error at the first event that fails again; the events before it stay handled. Returns the
    number of events handled.
    """
    handled = 0
    while True:
        async with database.unit_for_service(principal) as unit:
            record = await inbox.first_parked_event(unit.session, subscriber.name, key)
            if record is None:
                if await inbox.unpark(unit.session, subscriber.name, key):
                    return handled
                if not await inbox.is_parked(unit.session, subscriber.name, key):
                    return handled
                continue
            if await inbox.enter(unit.session, subscriber.name, record.event_id):
                await handle(subscriber, unit, [record], kafka)
            await inbox.delete_parked_event(unit.session, subscriber.name, record.event_id)
            handled += 1


async def discard(database: Database, principal: Principal, subscriber: Subscriber, key: str) -> int:
    """Discard a parked key's events and free the key; return the number of events.

    They count as handled without any effect, also when the read model is rebuilt.
    """
    discarded = 0
    while True:
        async with database.unit_for_service(principal) as unit:
            record = await inbox.first_parked_event(unit.session, subscriber.name, key)
            if record is None:
                await inbox.unpark(unit.session, subscriber.name, key)
                return discarded
            await inbox.enter(unit.session, subscriber.name, record.event_id, discarded=True)
            await inbox.delete_parked_event(unit.session, subscriber.name, record.event_id)
            discarded += 1
