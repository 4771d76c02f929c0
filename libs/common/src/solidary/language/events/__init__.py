"""The published language: the events that services publish for each other.

Events state facts about pseudonyms: ids, states and counts, never a name, a document, a contact, a note, nor anything
from which a person's need, place or status could be inferred (docs/decisions/0001-events-carry-no-personal-data.md).

Each service has a module of this package with its event types. The modules are discovered, so a new service adds a
file and changes none. A type is added together with its publisher. A type that subscribers already react to before
its publisher exists is declared with `planned=True`, and is no part of the contracts until then.
"""

from solidary.language.events.envelope import DecodeError, Envelope, UnknownEventType, decode, encode
from solidary.language.events.event import Audience, Event

__all__ = ["Audience", "DecodeError", "Envelope", "Event", "UnknownEventType", "decode", "encode"]
