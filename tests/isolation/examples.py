"""Valid examples of OpenAPI schemas, so that requests pass validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from solidary.platform.registry import load_service

FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-31",
    "date-time": "2026-01-31T10:00:00Z",
    "email": "a@example.org",
    "uri": "https://example.org",
}

VALUES = {"area": "PA110403", "code": "LP-RR", "currency": "USD", "need": "CR-NE", "unit": "1.00"}
"""Values of fields that have no example in their description, but accept only some values."""


@cache
def document_of(name: str) -> dict[str, Any]:
    """Return a service's OpenAPI document."""
    document: dict[str, Any] = load_service(name).application().openapi()
    return document


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema to which a reference leads."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def example(schema: dict[str, Any], document: dict[str, Any], ids: Mapping[str, Any] = {}) -> Any:
    """Return the smallest value that a schema allows, or its own example.

    `ids` has values for the fields of these names, which are set even if they are optional.
    """
    schema = resolved(schema, document)
    for key in ("examples", "enum"):
        if schema.get(key):
            return _with_ids(schema[key][0], schema, document, ids)
    if "const" in schema:
        return schema["const"]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], document, ids)
    match schema.get("type"):
        case "object":
            required = schema.get("required", [])
            return {
                name: _field(name, inside, document, ids)
                for name, inside in schema.get("properties", {}).items()
                if name in required or ids.keys() & set(ids_in(inside, document, name))
            }
        case "array":
            has_id = bool(ids.keys() & set(ids_in(schema, document)))
            return [example(schema["items"], document, ids)] * max(schema.get("minItems", 0), has_id)
        case "string":
            return FORMATS.get(schema.get("format", ""), "a" * max(schema.get("minLength", 0), 3))
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return None


def _with_ids(shown: Any, schema: dict[str, Any], document: dict[str, Any], ids: Mapping[str, Any]) -> Any:
    """Return a written example with some ids in it."""
    if not isinstance(shown, dict):
        return shown
    named = ids.keys() & schema["properties"].keys()
    return shown | {name: _field(name, schema["properties"][name], document, ids) for name in named}


def _field(name: str, schema: dict[str, Any], document: dict[str, Any], ids: Mapping[str, Any]) -> Any:
    if name in ids:
        return [str(ids[name])] if resolved(schema, document).get("type") == "array" else str(ids[name])
    if name in VALUES and not resolved(schema, document).get("examples"):
        return VALUES[name]
    return example(schema, document, ids)


def ids_in(schema: dict[str, Any], document: dict[str, Any], name: str = "") -> Iterator[str]:
    """Yield the names of the fields of a schema that contain ids."""
    schema = resolved(schema, document)
    if schema.get("format") == "uuid":
        yield name
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, []):
            yield from ids_in(branch, document, name)
    if "items" in schema:
        yield from ids_in(schema["items"], document, name)
    for field, inside in schema.get("properties", {}).items():
        yield from ids_in(inside, document, field)
