"""An entry of the directory, said in HSDS 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from referrals.engines.hsds.classification import Attribute, TaxonomyTerm
from referrals.engines.hsds.contacts import Language, Phone
from referrals.engines.hsds.places import Location, ServiceArea
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.services import (
    Organization,
    RequiredDocument,
    Service,
    ServiceAtLocation,
    ServiceCapacity,
    Unit,
)

if TYPE_CHECKING:
    from referrals.directory.services.models import Entry

CATEGORIES = UUID("6f1d3c52-2f0b-5d8e-9a53-0a8d1a6f0c11")
"""The taxonomy of service categories."""


def part_id(entry: UUID, name: str) -> str:
    """The id of a part that we do not keep by itself: always the same for the same part."""
    return str(uuid5(NAMESPACE_URL, f"urn:solidary:service:{entry}:{name}"))


def minimal(entry: Entry) -> Service:
    """What HSDS requires of a service, and its description."""
    return Service(
        id=str(entry.id),
        name=entry.name,
        description=entry.description,
        status=entry.status,  # type: ignore[arg-type]
        organization_id=str(entry.agency),
        last_modified=entry.modified.isoformat(),
    )


def whole(entry: Entry) -> Service:
    """All that the directory knows of a service."""
    said = entry.details
    id_ = str(entry.id)
    shown = ("email", "url", "application_process", "eligibility_description", "fees_description")
    return minimal(entry).model_copy(
        update={
            **{name: said[name] for name in shown if said.get(name)},
            "organization": Organization(
                id=str(entry.agency), name=entry.organization, description=entry.organization
            ),
            "phones": tuple(
                Phone(id=part_id(entry.id, f"phone/{number}"), number=number, service_id=id_)
                for number in said.get("telephones", [])
            ),
            "schedules": tuple(_schedules(entry, said.get("schedules", []))),
            "service_areas": (ServiceArea(id=part_id(entry.id, "area"), service_id=id_, name=entry.area),),
            "languages": tuple(
                Language(id=part_id(entry.id, f"language/{code}"), code=code, service_id=id_)
                for code in entry.languages
            ),
            "required_documents": tuple(
                RequiredDocument(id=part_id(entry.id, f"document/{name}"), document=name, service_id=id_)
                for name in said.get("required_documents", [])
            ),
            "attributes": (_category(entry),),
            "service_at_locations": tuple(_places(entry)),
            "capacities": tuple(_capacities(entry)),
        }
    )


def as_json(service: Service) -> dict[str, Any]:
    """Without what is not known: HSDS has no null."""
    return service.model_dump(exclude_none=True, exclude_defaults=True, mode="json")


def _schedules(entry: Entry, said: list[dict[str, Any]]) -> list[Schedule]:
    return [
        Schedule(
            id=part_id(entry.id, f"schedule/{place}"),
            service_id=str(entry.id),
            **{name: value for name, value in opening.items() if value is not None},
        )
        for place, opening in enumerate(said)
    ]


def _category(entry: Entry) -> Attribute:
    term = TaxonomyTerm(
        id=part_id(CATEGORIES, entry.category),
        code=entry.category,
        name=entry.category,
        description=entry.category,
        taxonomy_id=str(CATEGORIES),
    )
    return Attribute(
        id=part_id(entry.id, "category"),
        link_id=str(entry.id),
        link_entity="service",
        taxonomy_term_id=term.id,
        taxonomy_term=term,
    )


def _places(entry: Entry) -> list[ServiceAtLocation]:
    if entry.latitude is None or entry.longitude is None:
        return []
    location = Location(
        id=part_id(entry.id, "location"),
        location_type="virtual" if entry.remote else "physical",
        latitude=entry.latitude,
        longitude=entry.longitude,
    )
    return [
        ServiceAtLocation(
            id=part_id(entry.id, "at_location"),
            service_id=str(entry.id),
            location_id=location.id,
            location=location,
        )
    ]


def _capacities(entry: Entry) -> list[ServiceCapacity]:
    if entry.available is None or entry.capacity_said is None:
        return []
    capacity = ServiceCapacity(
        id=part_id(entry.id, "capacity"),
        service_id=str(entry.id),
        unit=Unit(id=part_id(CATEGORIES, "places"), name="places"),
        available=entry.available,
        updated=entry.capacity_said.isoformat(),
    )
    return [capacity if entry.maximum is None else capacity.model_copy(update={"maximum": entry.maximum})]
