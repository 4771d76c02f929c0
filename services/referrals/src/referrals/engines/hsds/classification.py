"""What things are called and how they are classed: taxonomies, attributes, and the trace of changes."""

from __future__ import annotations

from referrals.engines.hsds.values import HsdsObject, Identifier, Many, Maybe, Uri


class Metadata(HsdsObject):
    """One change of one field: who, when, from what, to what."""

    id: Identifier
    resource_id: Maybe[Identifier] = None
    resource_type: Maybe[str] = None
    last_action_date: str
    last_action_type: str
    field_name: str
    previous_value: str
    replacement_value: str
    updated_by: str


class Taxonomy(HsdsObject):
    id: Identifier
    name: str
    description: str
    uri: Maybe[Uri] = None
    version: Maybe[str] = None
    metadata: Many[Metadata] = ()


class TaxonomyTerm(HsdsObject):
    """A word of a taxonomy; `parent_id` puts it below a broader one."""

    id: Identifier
    code: Maybe[str] = None
    name: str
    description: str
    parent_id: Maybe[Identifier] = None
    taxonomy: Maybe[str] = None
    taxonomy_detail: Maybe[Taxonomy] = None
    language: Maybe[str] = None
    taxonomy_id: Maybe[Identifier] = None
    term_uri: Maybe[Uri] = None
    metadata: Many[Metadata] = ()


class Attribute(HsdsObject):
    """A taxonomy term put on any other object; `link_type` says in what sense."""

    id: Identifier
    link_id: Maybe[Identifier] = None
    taxonomy_term_id: Maybe[Identifier] = None
    link_type: Maybe[str] = None
    link_entity: Maybe[str] = None
    value: Maybe[str] = None
    taxonomy_term: Maybe[TaxonomyTerm] = None
    metadata: Many[Metadata] = ()
    label: Maybe[str] = None


class Described(HsdsObject):
    """What nearly every HSDS object has: an identifier, classifications and the trace of its changes."""

    id: Identifier
    attributes: Many[Attribute] = ()
    metadata: Many[Metadata] = ()


class MetaTableDescription(Described):
    """In which language and character set a table of a data package is written."""

    name: Maybe[str] = None
    language: Maybe[str] = None
    character_set: Maybe[str] = None


class Url(Described):
    label: Maybe[str] = None
    url: Uri
    organization_id: Maybe[Identifier] = None
    service_id: Maybe[Identifier] = None
