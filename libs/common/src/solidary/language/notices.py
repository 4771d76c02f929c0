"""The name and the content of notices, as the outbox holds them.

A notice is an event with the agencies that it concerns, for the service that keeps the agencies' feeds
(`solidary.platform.messaging.notices`).
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from solidary.language.events.event import PREFIX, Audience, Event

NOTICE_TYPE = f"{PREFIX}.notice.v1"
"""The CloudEvents type of an encrypted notice."""


def notice_stream(service: str) -> str:
    """Return the name of a service's notices, without the country: `intake.parties`."""
    return f"{service}.{Audience.PARTIES}"


def notice_payload(event: Event, payload: str, agencies: Iterable[UUID]) -> str:
    """Return the text of a notice in the outbox; `payload` is the event's JSON."""
    concerned = ",".join(f'"{agency}"' for agency in dict.fromkeys(agencies))
    return f'{{"type":"{event.type}","agencies":[{concerned}],"data":{payload}}}'
