"""Services, organizations, and a service at one of its locations."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described, Url
from referrals.engines.hsds.contacts import Contact, Language, Phone
from referrals.engines.hsds.locations import Location, ServiceArea
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.values import Array, DateTime, Email, Identifier, Number, Omittable, Uri

ServiceStatus = Literal["active", "inactive", "defunct", "temporarily closed"]


class Unit(Described):
    """The unit of a capacity: beds, places, hours."""

    name: str
    scheme: Omittable[str] = None
    identifier: Omittable[str] = None
    uri: Omittable[Uri] = None


class ServiceCapacity(Described):
    """The number of units that were free at `updated`."""

    service_id: Omittable[Identifier] = None
    unit: Unit
    unit_id: Omittable[Identifier] = None
    available: Number
    maximum: Omittable[Number] = None
    description: Omittable[str] = None
    updated: DateTime


class CostOption(Described):
    """A price of a service."""

    service_id: Omittable[Identifier] = None
    valid_from: Omittable[str] = None
    valid_to: Omittable[str] = None
    option: Omittable[str] = None
    currency: Omittable[str] = None
    amount: Omittable[Number] = None
    amount_description: Omittable[str] = None


class RequiredDocument(Described):
    """A document that a person has to bring."""

    service_id: Omittable[Identifier] = None
    document: Omittable[str] = None
    uri: Omittable[Uri] = None


class Funding(Described):
    """A source of funding."""

    organization_id: Omittable[Identifier] = None
    service_id: Omittable[Identifier] = None
    source: Omittable[str] = None


class Program(Described):
    """A collection of services under one name."""

    organization_id: Omittable[Identifier] = None
    name: str
    alternate_name: Omittable[str] = None
    description: str


class OrganizationIdentifier(Described):
    """An identifier of an organization in another scheme."""

    organization_id: Omittable[Identifier] = None
    identifier_scheme: Omittable[str] = None
    identifier_type: str
    identifier: str


class Organization(Described):
    """An organization that provides services."""

    name: str
    alternate_name: Omittable[str] = None
    description: str
    email: Omittable[Email] = None
    website: Omittable[Uri] = None
    additional_websites: Array[Url] = ()
    tax_status: Omittable[str] = None
    tax_id: Omittable[str] = None
    year_incorporated: Omittable[Number] = None
    legal_status: Omittable[str] = None
    logo: Omittable[str] = None
    uri: Omittable[Uri] = None
    parent_organization_id: Omittable[Identifier] = None
    funding: Array[Funding] = ()
    contacts: Array[Contact] = ()
    phones: Array[Phone] = ()
    locations: Array[Location] = ()
    programs: Array[Program] = ()
    organization_identifiers: Array[OrganizationIdentifier] = ()
    services: Array[Service] = ()


class ServiceAtLocation(Described):
    """A service as it is provided at one location."""

    service_id: Omittable[Identifier] = None
    location_id: Omittable[Identifier] = None
    description: Omittable[str] = None
    service_areas: Array[ServiceArea] = ()
    contacts: Array[Contact] = ()
    phones: Array[Phone] = ()
    schedules: Array[Schedule] = ()
    location: Omittable[Location] = None
    service: Omittable[Service] = None


class Service(Described):
    """A service; ages are in completed years. Only an `active` service takes new people."""

    organization_id: Omittable[Identifier] = None
    program_id: Omittable[Identifier] = None
    name: str
    alternate_name: Omittable[str] = None
    description: Omittable[str] = None
    url: Omittable[Uri] = None
    additional_urls: Array[Url] = ()
    email: Omittable[Email] = None
    status: ServiceStatus
    interpretation_services: Omittable[str] = None
    application_process: Omittable[str] = None
    fees_description: Omittable[str] = None
    wait_time: Omittable[str] = None
    fees: Omittable[str] = None
    accreditations: Omittable[str] = None
    eligibility_description: Omittable[str] = None
    minimum_age: Omittable[Number] = None
    maximum_age: Omittable[Number] = None
    assured_date: Omittable[str] = None
    assurer_email: Omittable[Email] = None
    licenses: Omittable[str] = None
    alert: Omittable[str] = None
    last_modified: Omittable[DateTime] = None
    phones: Array[Phone] = ()
    schedules: Array[Schedule] = ()
    service_areas: Array[ServiceArea] = ()
    service_at_locations: Array[ServiceAtLocation] = ()
    languages: Array[Language] = ()
    organization: Omittable[Organization] = None
    funding: Array[Funding] = ()
    cost_options: Array[CostOption] = ()
    program: Omittable[Program] = None
    required_documents: Array[RequiredDocument] = ()
    contacts: Array[Contact] = ()
    capacities: Array[ServiceCapacity] = ()
