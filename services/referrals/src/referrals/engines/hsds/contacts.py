"""Whom to reach, how, and in which language."""

from __future__ import annotations

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.values import Email, Identifier, Many, Maybe, Number


class Language(Described):
    """A language that a service, a place or a telephone line speaks (ISO 639-1 or 639-3 in `code`)."""

    service_id: Maybe[Identifier] = None
    location_id: Maybe[Identifier] = None
    phone_id: Maybe[Identifier] = None
    name: Maybe[str] = None
    code: Maybe[str] = None
    note: Maybe[str] = None


class Phone(Described):
    location_id: Maybe[Identifier] = None
    service_id: Maybe[Identifier] = None
    organization_id: Maybe[Identifier] = None
    contact_id: Maybe[Identifier] = None
    service_at_location_id: Maybe[Identifier] = None
    number: str
    extension: Maybe[Number] = None
    type: Maybe[str] = None
    description: Maybe[str] = None
    languages: Many[Language] = ()


class Contact(Described):
    organization_id: Maybe[Identifier] = None
    service_id: Maybe[Identifier] = None
    service_at_location_id: Maybe[Identifier] = None
    location_id: Maybe[Identifier] = None
    name: Maybe[str] = None
    title: Maybe[str] = None
    department: Maybe[str] = None
    email: Maybe[Email] = None
    phones: Many[Phone] = ()
