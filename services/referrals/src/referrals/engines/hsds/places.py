"""Where help is given: locations, their addresses and access, and the areas served."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.contacts import Contact, Language, Phone
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.values import Identifier, Many, Maybe, Number, Uri

PlaceType = Literal["physical", "postal", "virtual"]


class Address(Described):
    location_id: Maybe[Identifier] = None
    attention: Maybe[str] = None
    address_1: str
    address_2: Maybe[str] = None
    city: str
    region: Maybe[str] = None
    state_province: str
    postal_code: str
    country: str
    address_type: PlaceType


class Accessibility(Described):
    """What a person with a disability finds there."""

    location_id: Maybe[Identifier] = None
    description: Maybe[str] = None
    details: Maybe[str] = None
    url: Maybe[Uri] = None


class Location(Described):
    """A place; latitude and longitude in degrees, WGS 84."""

    location_type: PlaceType
    url: Maybe[Uri] = None
    organization_id: Maybe[Identifier] = None
    name: Maybe[str] = None
    alternate_name: Maybe[str] = None
    description: Maybe[str] = None
    transportation: Maybe[str] = None
    latitude: Maybe[Number] = None
    longitude: Maybe[Number] = None
    external_identifier: Maybe[str] = None
    external_identifier_type: Maybe[str] = None
    languages: Many[Language] = ()
    addresses: Many[Address] = ()
    contacts: Many[Contact] = ()
    accessibility: Many[Accessibility] = ()
    phones: Many[Phone] = ()
    schedules: Many[Schedule] = ()


class ServiceArea(Described):
    """An area for which a service is available, in words or as a geometry (`extent`)."""

    service_id: Maybe[Identifier] = None
    service_at_location_id: Maybe[Identifier] = None
    name: Maybe[str] = None
    description: Maybe[str] = None
    extent: Maybe[str] = None
    extent_type: Maybe[str] = None
    uri: Maybe[str] = None
