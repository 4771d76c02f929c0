"""Locations, their addresses and accessibility, and the areas that services cover."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.contacts import Contact, Language, Phone
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.values import Array, Identifier, Number, Omittable, Uri

LocationType = Literal["physical", "postal", "virtual"]


class Address(Described):
    """A postal or physical address."""

    location_id: Omittable[Identifier] = None
    attention: Omittable[str] = None
    address_1: str
    address_2: Omittable[str] = None
    city: str
    region: Omittable[str] = None
    state_province: str
    postal_code: str
    country: str
    address_type: LocationType


class Accessibility(Described):
    """The arrangements at a location for persons with disabilities."""

    location_id: Omittable[Identifier] = None
    description: Omittable[str] = None
    details: Omittable[str] = None
    url: Omittable[Uri] = None


class Location(Described):
    """A place; latitude and longitude are degrees in WGS 84."""

    location_type: LocationType
    url: Omittable[Uri] = None
    organization_id: Omittable[Identifier] = None
    name: Omittable[str] = None
    alternate_name: Omittable[str] = None
    description: Omittable[str] = None
    transportation: Omittable[str] = None
    latitude: Omittable[Number] = None
    longitude: Omittable[Number] = None
    external_identifier: Omittable[str] = None
    external_identifier_type: Omittable[str] = None
    languages: Array[Language] = ()
    addresses: Array[Address] = ()
    contacts: Array[Contact] = ()
    accessibility: Array[Accessibility] = ()
    phones: Array[Phone] = ()
    schedules: Array[Schedule] = ()


class ServiceArea(Described):
    """An area that a service covers, as text or as a geometry (`extent`)."""

    service_id: Omittable[Identifier] = None
    service_at_location_id: Omittable[Identifier] = None
    name: Omittable[str] = None
    description: Omittable[str] = None
    extent: Omittable[str] = None
    extent_type: Omittable[str] = None
    uri: Omittable[str] = None
