"""The kinds of objects in HSDS, and the detection of an object's kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from referrals.engines.hsds import api, classification, contacts, locations, schedules, services
from referrals.engines.hsds.values import HsdsObject


@dataclass(frozen=True)
class Kind:
    """A kind of HSDS objects, and its table in a CSV data package.

    A table has no nested objects: `foreign_keys` are the fields that a row needs beyond those that the object itself
    requires (`tabular_required` in the standard), `nested_fields` the required fields that a row cannot have.
    """

    name: str
    model: type[HsdsObject]
    table: str | None = None
    foreign_keys: tuple[str, ...] = ()
    nested_fields: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(self.model.model_fields)

    @cached_property
    def required_columns(self) -> frozenset[str]:
        required = {name for name, field in self.model.model_fields.items() if field.is_required()}
        return frozenset((required - set(self.nested_fields)).union(self.foreign_keys))

    def fields_of_type(self, wanted: type) -> frozenset[str]:
        """Return the fields that may hold a value of a type."""
        fields = self.model.model_fields.items()
        return frozenset(name for name, field in fields if _mentions(field.annotation, wanted))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return self.fields_of_type(float)

    @cached_property
    def booleans(self) -> frozenset[str]:
        return self.fields_of_type(bool)


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
    Kind("location", locations.Location, "locations.csv"),
    Kind("taxonomy", classification.Taxonomy, "taxonomies.csv"),
    Kind("taxonomy_term", classification.TaxonomyTerm, "taxonomy_terms.csv"),
    Kind("program", services.Program, "programs.csv", ("organization_id",)),
    Kind("schedule", schedules.Schedule, "schedules.csv"),
    Kind("phone", contacts.Phone, "phones.csv"),
    Kind("contact", contacts.Contact, "contacts.csv"),
    Kind("address", locations.Address, "addresses.csv"),
    Kind("language", contacts.Language, "languages.csv"),
    Kind("accessibility", locations.Accessibility, "accessibility.csv"),
    Kind("service_area", locations.ServiceArea, "service_areas.csv"),
    Kind(
        "service_capacity",
        services.ServiceCapacity,
        "service_capacity.csv",
        foreign_keys=("unit_id", "service_id"),
        nested_fields=("unit",),
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
    Kind("api", api.ApiDescription),
)

BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
BY_TABLE: Mapping[str, Kind] = {kind.table: kind for kind in KINDS if kind.table}


def detect_kind(objects: Iterable[object]) -> Kind | None:
    """Return the kind with which the objects share most fields, or None where they share none with any.

    HSDS objects do not name their kind. Between equals the kind with fewer fields wins, then the order of `KINDS`: an
    object with four of the five fields of a taxonomy is hardly an organization.
    """
    keys = [frozenset(each) for each in objects if isinstance(each, dict)]

    def shared_fields(kind: Kind) -> tuple[int, int]:
        return sum(len(kind.fields & names) for names in keys), -len(kind.fields)

    best = max(KINDS, key=shared_fields)
    return best if shared_fields(best)[0] else None
