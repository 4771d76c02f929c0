"""What is offered, by whom: services, organizations, and a service at one of its places."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described, Url
from referrals.engines.hsds.contacts import Contact, Language, Phone
from referrals.engines.hsds.places import Location, ServiceArea
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.values import Email, HsdsObject, Identifier, Many, Maybe, Moment, Number, Uri

ServiceStatus = Literal["active", "inactive", "defunct", "temporarily closed"]


class Unit(Described):
    """What a capacity is counted in: beds, places, hours."""

    name: str
    scheme: Maybe[str] = None
    identifier: Maybe[str] = None
    uri: Maybe[Uri] = None


class ServiceCapacity(Described):
    """How many units were free at `updated`."""

    service_id: Maybe[Identifier] = None
    unit: Unit
    unit_id: Maybe[Identifier] = None
    available: Number
    maximum: Maybe[Number] = None
    description: Maybe[str] = None
    updated: Moment


class CostOption(Described):
    service_id: Maybe[Identifier] = None
    valid_from: Maybe[str] = None
    valid_to: Maybe[str] = None
    option: Maybe[str] = None
    currency: Maybe[str] = None
    amount: Maybe[Number] = None
    amount_description: Maybe[str] = None


class RequiredDocument(Described):
    service_id: Maybe[Identifier] = None
    document: Maybe[str] = None
    uri: Maybe[Uri] = None


class Funding(Described):
    organization_id: Maybe[Identifier] = None
    service_id: Maybe[Identifier] = None
    source: Maybe[str] = None


class Program(Described):
    """A collection of services under one name."""

    organization_id: Maybe[Identifier] = None
    name: str
    alternate_name: Maybe[str] = None
    description: str


class OrganizationIdentifier(Described):
    organization_id: Maybe[Identifier] = None
    identifier_scheme: Maybe[str] = None
    identifier_type: str
    identifier: str


class Organization(Described):
    name: str
    alternate_name: Maybe[str] = None
    description: str
    email: Maybe[Email] = None
    website: Maybe[Uri] = None
    additional_websites: Many[Url] = ()
    tax_status: Maybe[str] = None
    tax_id: Maybe[str] = None
    year_incorporated: Maybe[Number] = None
    legal_status: Maybe[str] = None
    logo: Maybe[str] = None
    uri: Maybe[Uri] = None
    parent_organization_id: Maybe[Identifier] = None
    funding: Many[Funding] = ()
    contacts: Many[Contact] = ()
    phones: Many[Phone] = ()
    locations: Many[Location] = ()
    programs: Many[Program] = ()
    organization_identifiers: Many[OrganizationIdentifier] = ()
    services: Many[Service] = ()


class ServiceAtLocation(Described):
    service_id: Maybe[Identifier] = None
    location_id: Maybe[Identifier] = None
    description: Maybe[str] = None
    service_areas: Many[ServiceArea] = ()
    contacts: Many[Contact] = ()
    phones: Many[Phone] = ()
    schedules: Many[Schedule] = ()
    location: Maybe[Location] = None
    service: Maybe[Service] = None


class Service(Described):
    """Ages are in completed years; `status` says whether anybody should be sent there at all."""

    organization_id: Maybe[Identifier] = None
    program_id: Maybe[Identifier] = None
    name: str
    alternate_name: Maybe[str] = None
    description: Maybe[str] = None
    url: Maybe[Uri] = None
    additional_urls: Many[Url] = ()
    email: Maybe[Email] = None
    status: ServiceStatus
    interpretation_services: Maybe[str] = None
    application_process: Maybe[str] = None
    fees_description: Maybe[str] = None
    wait_time: Maybe[str] = None
    fees: Maybe[str] = None
    accreditations: Maybe[str] = None
    eligibility_description: Maybe[str] = None
    minimum_age: Maybe[Number] = None
    maximum_age: Maybe[Number] = None
    assured_date: Maybe[str] = None
    assurer_email: Maybe[Email] = None
    licenses: Maybe[str] = None
    alert: Maybe[str] = None
    last_modified: Maybe[Moment] = None
    phones: Many[Phone] = ()
    schedules: Many[Schedule] = ()
    service_areas: Many[ServiceArea] = ()
    service_at_locations: Many[ServiceAtLocation] = ()
    languages: Many[Language] = ()
    organization: Maybe[Organization] = None
    funding: Many[Funding] = ()
    cost_options: Many[CostOption] = ()
    program: Maybe[Program] = None
    required_documents: Many[RequiredDocument] = ()
    contacts: Many[Contact] = ()
    capacities: Many[ServiceCapacity] = ()


class ApiDescription(HsdsObject):
    """What an HSDS API says of itself at its root."""

    version: Maybe[str] = None
    profile: Maybe[Uri] = None
    openapi_url: Maybe[Uri] = None
