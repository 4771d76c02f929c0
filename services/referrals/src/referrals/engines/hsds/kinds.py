"""The kinds of object that HSDS knows, and which of them a JSON object is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from referrals.engines.hsds import classification, contacts, places, schedules, services
from referrals.engines.hsds.values import HsdsObject


@dataclass(frozen=True)
class Kind:
    """One kind of HSDS object, and its table in a CSV data package.

    A table has no nested objects: `linked_by` are the fields that it needs beyond those that the object
    itself requires (`tabular_required` in the standard), `nested` the required ones it cannot hold.
    """

    name: str
    model: type[HsdsObject]
    table: str | None = None
    linked_by: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(self.model.model_fields)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Those without which its table is none."""
        required = {name for name, field in self.model.model_fields.items() if field.is_required()}
        return frozenset((required - set(self.nested)).union(self.linked_by))

    def holding(self, wanted: type) -> frozenset[str]:
        """The fields that may hold a value of this type."""
        fields = self.model.model_fields.items()
        return frozenset(name for name, field in fields if _mentions(field.annotation, wanted))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return self.holding(float)

    @cached_property
    def truths(self) -> frozenset[str]:
        return self.holding(bool)


def _mentions(annotation: object, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(part, wanted) for part in get_args(annotation))


KINDS = (
    Kind("service", services.Service, "services.csv", ("organization_id",)),
    Kind("organization", services.Organization, "organizations.csv"),
    Kind(
        "service_at_location",
        services.ServiceAtLocation,
        "service_at_location.csv",
        ("service_id", "location_id"),
    ),
    Kind("location", places.Location, "locations.csv"),
    Kind("taxonomy", classification.Taxonomy, "taxonomies.csv"),
    Kind("taxonomy_term", classification.TaxonomyTerm, "taxonomy_terms.csv"),
    Kind("program", services.Program, "programs.csv", ("organization_id",)),
    Kind("schedule", schedules.Schedule, "schedules.csv"),
    Kind("phone", contacts.Phone, "phones.csv"),
    Kind("contact", contacts.Contact, "contacts.csv"),
    Kind("address", places.Address, "addresses.csv"),
    Kind("language", contacts.Language, "languages.csv"),
    Kind("accessibility", places.Accessibility, "accessibility.csv"),
    Kind("service_area", places.ServiceArea, "service_areas.csv"),
    Kind(
        "service_capacity",
        services.ServiceCapacity,
        "service_capacity.csv",
        linked_by=("unit_id", "service_id"),
        nested=("unit",),
    ),
    Kind("unit", services.Unit, "units.csv"),
    Kind("cost_option", services.CostOption, "cost_options.csv", ("service_id",)),
    Kind("required_document", services.RequiredDocument, "required_documents.csv"),
    Kind("funding", services.Funding, "funding.csv"),
    Kind(
        "organization_identifier",
        services.OrganizationIdentifier,
        "organization_identifiers.csv",
        ("organization_id",),
    ),
    Kind(
        "attribute",
        classification.Attribute,
        "attributes.csv",
        ("link_id", "taxonomy_term_id", "link_entity"),
    ),
    Kind("metadata", classification.Metadata, "metadata.csv", ("resource_id", "resource_type")),
    Kind("meta_table_description", classification.MetaTableDescription, "meta_table_descriptions.csv"),
    Kind("url", classification.Url, "url.csv"),
    Kind("api", services.ApiDescription),
)

BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
BY_TABLE: Mapping[str, Kind] = {kind.table: kind for kind in KINDS if kind.table}


def kind_of(objects: Iterable[object]) -> Kind | None:
    """The kind whose fields these objects have most of, or None where they have none of any.

    HSDS objects do not name their kind. Between equals the kind with fewer fields of its own wins, then the
    order of `KINDS`: an object with four of five fields of a taxonomy is hardly an organization.
    """
    keys = [frozenset(known) for known in objects if isinstance(known, dict)]

    def likeness(kind: Kind) -> tuple[int, int]:
        return sum(len(kind.fields & names) for names in keys), -len(kind.fields)

    best = max(KINDS, key=likeness)
    return best if likeness(best)[0] else None
