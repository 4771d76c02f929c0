"""Taxonomies, the attributes that classify objects, and the metadata of changes."""

from __future__ import annotations

from referrals.engines.hsds.values import Array, HsdsObject, Identifier, Omittable, Uri


class Metadata(HsdsObject):
    """A change of one field: its author, its date, the old value and the new one."""

    id: Identifier
    resource_id: Omittable[Identifier] = None
    resource_type: Omittable[str] = None
    last_action_date: str
    last_action_type: str
    field_name: str
    previous_value: str
    replacement_value: str
    updated_by: str


class Taxonomy(HsdsObject):
    """A classification scheme."""

    id: Identifier
    name: str
    description: str
    uri: Omittable[Uri] = None
    version: Omittable[str] = None
    metadata: Array[Metadata] = ()


class TaxonomyTerm(HsdsObject):
    """A term of a taxonomy; `parent_id` is the broader term."""

    id: Identifier
    code: Omittable[str] = None
    name: str
    description: str
    parent_id: Omittable[Identifier] = None
    taxonomy: Omittable[str] = None
    taxonomy_detail: Omittable[Taxonomy] = None
    language: Omittable[str] = None
    taxonomy_id: Omittable[Identifier] = None
    term_uri: Omittable[Uri] = None
    metadata: Array[Metadata] = ()


class Attribute(HsdsObject):
    """A taxonomy term that classifies another object; `link_type` is the aspect that it classifies."""

    id: Identifier
    link_id: Omittable[Identifier] = None
    taxonomy_term_id: Omittable[Identifier] = None
    link_type: Omittable[str] = None
    link_entity: Omittable[str] = None
    value: Omittable[str] = None
    taxonomy_term: Omittable[TaxonomyTerm] = None
    metadata: Array[Metadata] = ()
    label: Omittable[str] = None


class Described(HsdsObject):
    """The fields of nearly every HSDS object: an identifier, classifications and the metadata of its changes."""

    id: Identifier
    attributes: Array[Attribute] = ()
    metadata: Array[Metadata] = ()


class MetaTableDescription(Described):
    """The language and the character set of a table in a data package."""

    name: Omittable[str] = None
    language: Omittable[str] = None
    character_set: Omittable[str] = None


class Url(Described):
    """A web address with its label."""

    label: Omittable[str] = None
    url: Uri
    organization_id: Omittable[Identifier] = None
    service_id: Omittable[Identifier] = None
