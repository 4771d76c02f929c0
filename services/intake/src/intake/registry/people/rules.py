"""The states of a registration, the age of a child, the age band of a year of birth, and the description for search."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from enum import StrEnum

from solidary.language.codes.people import AgeBand, age
from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable

from intake.registry.people.records import IdentityRecord
from intake.registry.search_index.rules import PersonDescription

ADULT_AGE = 18
"""Completed years; Convention on the Rights of the Child, art. 1."""


class RegistrationState(StrEnum):
    """The state of a person's registration."""

    PROVISIONAL = "provisional"
    """May be a person who is registered already: nobody has compared them yet."""
    REGISTERED = "registered"
    VERIFIED = "verified"
    """A document or an interview has confirmed the person's statements."""


class RegistrationActor(StrEnum):
    """The party that changes the state of a registration."""

    DESK = "desk"


REGISTRATION_TRANSITIONS = TransitionTable(
    "registration",
    initial=(RegistrationState.PROVISIONAL, RegistrationState.REGISTERED),
    transitions=(
        Transition(
            "confirm",
            RegistrationState.PROVISIONAL,
            RegistrationState.REGISTERED,
            by=(RegistrationActor.DESK,),
        ),
        Transition(
            "verify", RegistrationState.REGISTERED, RegistrationState.VERIFIED, by=(RegistrationActor.DESK,)
        ),
    ),
)


class Relation(StrEnum):
    """The relation of a person to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


def is_child(born: date | None, on: date) -> bool:
    """Return whether a person is under 18; an unknown birth counts as an adult's, and the desk asks."""
    return born is not None and age(born, on) < ADULT_AGE


def counted_age_band(birth_year: int | None, on: date) -> AgeBand | None:
    """Return the age band in which a year of birth is counted: as if born on 1 July, so at most half a year off."""
    return None if birth_year is None else AgeBand.of_birth(min(date(birth_year, 7, 1), on), on)


def describe(identity: IdentityRecord, sex: str) -> PersonDescription:
    """Return the description by which a person is indexed and compared."""
    return PersonDescription(
        given_name=identity.given_name,
        surname=" ".join(filter(None, (identity.surname, identity.second_surname))),
        born=identity.born,
        sex=sex,
        documents=tuple(document.number for document in identity.documents),
        telephones=tuple(phone.number for phone in identity.phones),
    )


def unknown_document_kinds(
    identity: IdentityRecord, known_kinds: Collection[str], pointer: str
) -> Iterator[Fault]:
    """Yield a fault for each document whose kind the country pack does not have; `pointer` is the identity's."""
    for place, document in enumerate(identity.documents):
        if document.kind not in known_kinds:
            yield Fault(
                f"{pointer}/documents/{place}/kind",
                f"The kind must be a document of this country: {', '.join(known_kinds)}.",
            )


def require_known_documents(
    identities: Sequence[tuple[str, IdentityRecord]], known_kinds: Collection[str]
) -> None:
    """Raise Invalid where a document's kind is not in the country pack. Each identity comes with its pointer."""
    faults = [
        fault
        for pointer, identity in identities
        for fault in unknown_document_kinds(identity, known_kinds, pointer)
    ]
    if faults:
        raise Invalid("A kind of document is not known in this country.", *faults)
