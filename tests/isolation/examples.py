"""A valid example of whatever an OpenAPI schema describes, so that a request gets past validation."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-31",
    "date-time": "2026-01-31T10:00:00Z",
    "email": "a@example.org",
    "uri": "https://example.org",
}


@cache
def document_of(name: str) -> dict[str, Any]:
    """A service's OpenAPI document."""
    document: dict[str, Any] = import_module(f"{name}.service").service.application().openapi()
    return document


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference means."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """The smallest value that the schema allows, by its own examples where it has any."""
    schema = resolved(schema, document)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], document)
    match schema.get("type"):
        case "object":
            required = schema.get("required", [])
            return {name: example(schema["properties"][name], document) for name in required}
        case "array":
            return [example(schema["items"], document) for _ in range(schema.get("minItems", 0))]
        case "string":
            return FORMATS.get(schema.get("format", ""), "a" * max(schema.get("minLength", 0), 3))
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
        case _:
            return None
