"""Contacts, telephones and languages."""

from __future__ import annotations

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.values import Array, Email, Identifier, Number, Omittable


class Language(Described):
    """A language in which a service, a location or a telephone line is available (`code`: ISO 639-1 or 639-3)."""

    service_id: Omittable[Identifier] = None
    location_id: Omittable[Identifier] = None
    phone_id: Omittable[Identifier] = None
    name: Omittable[str] = None
    code: Omittable[str] = None
    note: Omittable[str] = None


class Phone(Described):
    """A telephone number."""

    location_id: Omittable[Identifier] = None
    service_id: Omittable[Identifier] = None
    organization_id: Omittable[Identifier] = None
    contact_id: Omittable[Identifier] = None
    service_at_location_id: Omittable[Identifier] = None
    number: str
    extension: Omittable[Number] = None
    type: Omittable[str] = None
    description: Omittable[str] = None
    languages: Array[Language] = ()


class Contact(Described):
    """A named person or role that answers questions."""

    organization_id: Omittable[Identifier] = None
    service_id: Omittable[Identifier] = None
    service_at_location_id: Omittable[Identifier] = None
    location_id: Omittable[Identifier] = None
    name: Omittable[str] = None
    title: Omittable[str] = None
    department: Omittable[str] = None
    email: Omittable[Email] = None
    phones: Array[Phone] = ()
