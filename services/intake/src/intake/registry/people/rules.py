"""The states of a registration, ages, the description of a person for search, and values that cannot be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from solidary.language.codes.people import AgeBand, age
from solidary.language.country import CountryPack
from solidary.language.placeholders import UNKNOWN_BIRTHDAYS, is_placeholder
from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable

from intake.registry.people.records import IdentityRecord
from intake.registry.search_index.rules import KnownDocument, PersonDescription

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
        documents=tuple(
            KnownDocument(document.number, document.kind, document.issuer or "")
            for document in identity.documents
        ),
        telephones=tuple(phone.number for phone in identity.phones),
    )


def identity_faults(
    identity: IdentityRecord, country: CountryPack, today: date, pointer: str
) -> Iterator[Fault]:
    """Yield the faults of an identity that depend on the country or on the day; `pointer` is the identity's.

    The kinds of documents are those of the country pack, placeholders also those that it adds, and no day is
    impossible.
    """
    for place, document in enumerate(identity.documents):
        if document.kind not in country.documents:
            yield Fault(
                f"{pointer}/documents/{place}/kind",
                f"The kind must be a document of this country: {', '.join(country.documents)}.",
            )
        if is_placeholder(document.number, country.placeholders):
            yield Fault(
                f"{pointer}/documents/{place}/number",
                "This is no number. Leave the document out where there is none.",
            )
    if identity.born in UNKNOWN_BIRTHDAYS:
        yield Fault(
            f"{pointer}/born",
            "This is what is written where no birthday is known. Leave it out, or give 1 January of the year.",
        )
    yield from day_faults({f"{pointer}/born": identity.born}, today)
    yield from day_faults({f"{pointer}/entered_on": identity.entered_on}, today, identity.born)


def require_valid_identities(
    identities: Sequence[tuple[str, IdentityRecord]], country: CountryPack, today: date
) -> None:
    """Raise Invalid with the faults of identities. Each comes with its pointer."""
    faults = [
        fault
        for pointer, identity in identities
        for fault in identity_faults(identity, country, today, pointer)
    ]
    if faults:
        raise Invalid("An identity has a value that cannot be right.", *faults)


def day_faults(days: Mapping[str, date | None], today: date, born: date | None = None) -> Iterator[Fault]:
    """Yield a fault for each day, by its pointer, that is to come or lies before the person's birth."""
    for pointer, day in days.items():
        if day is not None and day > today:
            yield Fault(pointer, "This day is in the future.")
        elif day is not None and born is not None and day < born:
            yield Fault(pointer, "This day is before the person's birth. Correct one of the two.")


def require_possible_days(days: Mapping[str, date | None], today: date, born: date | None = None) -> None:
    """Raise Invalid for days that are to come or lie before the person's birth. `today` is the instance's."""
    if faults := list(day_faults(days, today, born)):
        raise Invalid("A day cannot be right.", *faults)
