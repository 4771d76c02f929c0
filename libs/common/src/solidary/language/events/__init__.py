"""The published language: what the services tell each other.

Facts only, about pseudonyms: states and counts, never a name, a document, a contact, a note, nor an
individual's need or status (decision 0001).
"""

from solidary.language.events.catalogue import Catalogue, catalogue
from solidary.language.events.envelope import DecodeError, Envelope, UnknownType, decode, encode
from solidary.language.events.event import Event

__all__ = ["Catalogue", "DecodeError", "Envelope", "Event", "UnknownType", "catalogue", "decode", "encode"]
