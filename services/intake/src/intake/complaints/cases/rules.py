"""The states of a complaint, the circle for sensitive ones, and the code by which a person follows theirs."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from uuid import UUID

from solidary.language.codes.code_list import CodeList
from solidary.language.country import ComplaintKind, CountryPack
from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable
from solidary.platform.identity import Duty

from intake.registry.encryption.rules import InstanceKey

CIRCLE = (Duty.PROTECTION_OFFICER, Duty.DATA_PROTECTION_OFFICER)
"""The duties of those who see sensitive complaints (decision 0049); the policies of the database name the same."""
HANDLERS = (Duty.CASE_WORKER, *CIRCLE)
"""The duties of those who see and answer all other complaints."""


class ComplaintState(CodeList):
    """The state of a complaint."""

    RECEIVED = "received", "Recibida", "Received"
    IN_HAND = "in_hand", "En atención", "In hand"
    ANSWERED = "answered", "Respondida", "Answered"
    APPEALED = "appealed", "En revisión", "Appealed"
    CLOSED = "closed", "Cerrada", "Closed"


class ComplaintActor(StrEnum):
    """The party that takes a step."""

    HANDLER = "agency"
    PERSON = "person"
    TIMER = "timer"


class ComplaintStep(StrEnum):
    """An entry of a complaint's history. Those with a text are `filed`, `answered`, `appealed` and `decided`."""

    FILED = "filed"
    TAKEN = "taken"
    ANSWERED = "answered"
    APPEALED = "appealed"
    DECIDED = "decided"
    CLOSED = "closed"
    RESTRICTED = "restricted"
    READ = "read"


class ComplaintChannel(CodeList):
    """The way in which a complaint came."""

    PAGE = "page", "Por la página pública", "By the public page"
    DESK = "desk", "En la ventanilla", "At the desk"


COMPLAINT_TRANSITIONS = TransitionTable(
    "complaint",
    initial=(ComplaintState.RECEIVED,),
    transitions=(
        Transition("take", ComplaintState.RECEIVED, ComplaintState.IN_HAND, by=(ComplaintActor.HANDLER,)),
        Transition("answer", ComplaintState.RECEIVED, ComplaintState.ANSWERED, by=(ComplaintActor.HANDLER,)),
        Transition("answer", ComplaintState.IN_HAND, ComplaintState.ANSWERED, by=(ComplaintActor.HANDLER,)),
        Transition("appeal", ComplaintState.ANSWERED, ComplaintState.APPEALED, by=(ComplaintActor.PERSON,)),
        Transition("decide", ComplaintState.APPEALED, ComplaintState.CLOSED, by=(ComplaintActor.HANDLER,)),
        Transition(
            "close",
            ComplaintState.ANSWERED,
            ComplaintState.CLOSED,
            by=(ComplaintActor.HANDLER, ComplaintActor.TIMER),
        ),
    ),
)

CODE_LENGTH = 20
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def derive_code(instance_key: InstanceKey, reference: UUID) -> str:
    """Return the code of a complaint: 100 bits that nobody without the instance's secret can derive.

    `reference` is the random id that the sender gave it. So a form that is sent twice gets the same code, although no
    code is stored.
    """
    number = int.from_bytes(instance_key.request_digest(f"complaint code {reference}")[:13]) >> 4
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_LENGTH)))


def hash_code(code: str) -> bytes | None:
    """Return what is stored of a code, however a person wrote it; None for a text that is no code."""
    plain = code.upper().translate(_READ_AS)
    if len(plain) != CODE_LENGTH or not set(plain) <= set(_ALPHABET):
        return None
    return hashlib.sha256(f"complaint {plain}".encode()).digest()


def show_code(code: str) -> str:
    """Return a code as people read it: `K7QM-2X9F-…`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def require_kind(country: CountryPack, code: str) -> ComplaintKind:
    """Return a kind of the country's pack. Raises Invalid."""
    kind = country.complaints.kinds.get(code)
    if kind is None:
        known = ", ".join(country.complaints.kinds)
        raise Invalid("There is no such kind of complaint.", Fault("/kind", f"Choose one of {known}."))
    return kind


def require_sensitive_kind(country: CountryPack, code: str) -> None:
    """Raise Invalid unless a kind is one that only the circle sees."""
    if not require_kind(country, code).sensitive:
        raise Invalid(
            "This kind is not sensitive.", Fault("/kind", "Choose the sensitive kind that fits best.")
        )
