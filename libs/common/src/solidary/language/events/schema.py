"""JSON Schema snapshots of event types, and the check that a change keeps their readers working.

`contracts/events/` has one snapshot per event type and version. Adding an optional field is compatible; any other
change needs a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solidary.language.events.event import Event

Schema = dict[str, Any]

_WORDING = {"title", "description", "examples", "$id", "$schema", "$defs"}
"""Keywords that may change freely: texts for people, and names within the document."""


def schema_of(event_type: type[Event]) -> Schema:
    """Return the JSON Schema (2020-12) that the bodies of an event type's events conform to."""
    schema = event_type.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{event_type.type}",
        **schema,
    }


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """List the differences on which readers of `old` could fail with events written by `new`.

    The list is empty when the change is compatible: when only texts (titles, descriptions, examples) changed, or
    optional properties were added.
    """
    return list(_differences(old, new, old, new, "", frozenset()))


def _differences(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, pointer: str, visited: frozenset[str]
) -> Iterator[str]:
    if "$ref" in old and "$ref" in new:
        if old["$ref"] in visited:
            return
        visited = visited | {old["$ref"]}
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    for name in old_fields:
        field_pointer = f"{pointer}/{name}"
        if name not in new_fields:
            yield f"{field_pointer}: the field was removed"
        else:
            yield from _differences(
                old_fields[name], new_fields[name], old_root, new_root, field_pointer, visited
            )
    required_before, required_now = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(required_before ^ required_now):
        if name in old_fields and name in new_fields:
            yield f"{pointer}/{name}: {'became optional' if name in required_before else 'became required'}"
        elif name in new_fields:
            yield f"{pointer}/{name}: a new field must be optional"
    for key in sorted((old.keys() | new.keys()) - _WORDING - {"properties", "required", "default"}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, old_root, new_root, f"{pointer}/{key}", visited)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"} and _have_equal_length(before, after):
            for i, (a, b) in enumerate(zip(before or [], after or [], strict=True)):
                yield from _differences(a, b, old_root, new_root, f"{pointer}/{key}/{i}", visited)
        elif before != after:
            yield f"{pointer}: {key} was {before!r}, is {after!r}"


def _have_equal_length(before: Any, after: Any) -> bool:
    return isinstance(before, list) and isinstance(after, list) and len(before) == len(after)


def _resolve(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return {**root["$defs"][reference.rsplit("/", 1)[1]], **{k: v for k, v in schema.items() if k != "$ref"}}
