"""What an operator does about parked keys: list them, replay one in order, give one up."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.messaging import inbox
from solidary.platform.messaging.consumer import handle
from solidary.platform.messaging.subscriber import Subscriber


async def replay(database: Database, principal: Principal, subscriber: Subscriber, key: str) -> int:
    """Handles a parked key's events in their order, each in its own transaction, then frees the key.

    Raises the handler's error at the first event that fails again; what came before it stays done. Returns how
    many events were handled.
    """
    handled = 0
    while True:
        async with database.unit_of_service(principal) as unit:
            record = await inbox.next_parked(unit.session, subscriber.name, key)
            if record is None:
                if await inbox.unpark(unit.session, subscriber.name, key):
                    return handled
                if not await inbox.is_parked(unit.session, subscriber.name, key):
                    return handled
                continue
            if await inbox.enter(unit.session, subscriber.name, record.event_id):
                await handle(subscriber, unit, [record])
            await inbox.forget_parked(unit.session, subscriber.name, key, record.event_id)
            handled += 1


async def discard(database: Database, principal: Principal, subscriber: Subscriber, key: str) -> int:
    """Gives up a parked key's events: they count as handled, without effect, also when the read model is
    rebuilt. Returns how many.
    """
    given_up = 0
    while True:
        async with database.unit_of_service(principal) as unit:
            record = await inbox.next_parked(unit.session, subscriber.name, key)
            if record is None:
                await inbox.unpark(unit.session, subscriber.name, key)
                return given_up
            await inbox.enter(unit.session, subscriber.name, record.event_id, given_up=True)
            await inbox.forget_parked(unit.session, subscriber.name, key, record.event_id)
            given_up += 1
