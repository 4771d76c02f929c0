"""An entry of the directory as a service of HSDS 3.1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from referrals.directory.services.models import EntryColumns
from referrals.engines.hsds.classification import Attribute, TaxonomyTerm
from referrals.engines.hsds.contacts import Language, Phone
from referrals.engines.hsds.locations import Location, ServiceArea
from referrals.engines.hsds.services import (
    Organization,
    RequiredDocument,
    Service,
    ServiceAtLocation,
    ServiceCapacity,
    Unit,
)

CATEGORIES = UUID("6f1d3c52-2f0b-5d8e-9a53-0a8d1a6f0c11")
"""The id of the taxonomy of service categories."""


def to_published_day(moment: datetime) -> datetime:
    """Return the beginning of a moment's day (UTC), which is all that is published of it.

    A place that was taken at a known second would lead to the referral that was accepted in it.
    """
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def to_minimal_service(entry: EntryColumns) -> Service:
    """Return the fields that HSDS requires of a service, and its description."""
    fields: dict[str, Any] = {
        "id": str(entry.id),
        "name": entry.name,
        "description": entry.description,
        "status": entry.status,
        "organization_id": str(entry.agency),
        "last_modified": to_published_day(entry.modified).isoformat(),
    }
    return Service.model_construct(**fields)


def to_service(entry: EntryColumns) -> Service:
    """Return every field of the directory's entry."""
    details, id_ = entry.details, str(entry.id)
    texts = {
        "email": details.email,
        "url": details.url,
        "application_process": details.application_process,
        "eligibility_description": details.eligibility_description,
        "fees_description": details.fees_description,
    }
    return to_minimal_service(entry).model_copy(
        update={
            **{name: text for name, text in texts.items() if text},
            "organization": Organization(
                id=str(entry.agency), name=entry.organization, description=entry.organization
            ),
            "phones": tuple(
                Phone(id=entry.part_id(f"phone/{number}"), number=number, service_id=id_)
                for number in details.telephones
            ),
            "schedules": entry.schedules(),
            "service_areas": (ServiceArea(id=entry.part_id("area"), service_id=id_, name=entry.area),),
            "languages": tuple(
                Language(id=entry.part_id(f"language/{code}"), code=code, service_id=id_)
                for code in entry.languages
            ),
            "required_documents": tuple(
                RequiredDocument(id=entry.part_id(f"document/{name}"), document=name, service_id=id_)
                for name in details.required_documents
            ),
            "attributes": (_category(entry),),
            "service_at_locations": tuple(_locations(entry)),
            "capacities": tuple(_capacities(entry)),
        }
    )


def to_json(service: Service) -> dict[str, Any]:
    """Return the JSON of a service without unknown fields: HSDS has no null."""
    return service.model_dump(exclude_none=True, exclude_defaults=True, mode="json", warnings=False)


def _taxonomy_id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:solidary:service:{CATEGORIES}:{name}"))


def _category(entry: EntryColumns) -> Attribute:
    term = TaxonomyTerm(
        id=_taxonomy_id(entry.category),
        code=entry.category,
        name=entry.category,
        description=entry.category,
        taxonomy_id=str(CATEGORIES),
    )
    return Attribute(
        id=entry.part_id("category"),
        link_id=str(entry.id),
        link_entity="service",
        taxonomy_term_id=term.id,
        taxonomy_term=term,
    )


def _locations(entry: EntryColumns) -> list[ServiceAtLocation]:
    if entry.latitude is None or entry.longitude is None:
        return []
    location = Location(
        id=entry.part_id("location"),
        location_type="virtual" if entry.remote else "physical",
        latitude=entry.latitude,
        longitude=entry.longitude,
    )
    return [
        ServiceAtLocation(
            id=entry.part_id("at_location"),
            service_id=str(entry.id),
            location_id=location.id,
            location=location,
        )
    ]


def _capacities(entry: EntryColumns) -> list[ServiceCapacity]:
    if entry.available is None or entry.capacity_updated_at is None:
        return []
    capacity = ServiceCapacity(
        id=entry.part_id("capacity"),
        service_id=str(entry.id),
        unit=Unit(id=_taxonomy_id("places"), name="places"),
        available=entry.available,
        updated=to_published_day(entry.capacity_updated_at).isoformat(),
    )
    return [capacity if entry.maximum is None else capacity.model_copy(update={"maximum": entry.maximum})]
