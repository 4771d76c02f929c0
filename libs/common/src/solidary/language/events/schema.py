"""JSON Schema snapshots of the published language, and the gate that keeps readers working.

A snapshot per event type and version stands in `contracts/events/`. Adding an optional field is
compatible; anything else needs a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solidary.language.events.event import Event

Schema = dict[str, Any]


def schema_of(event: type[Event]) -> Schema:
    """The body's JSON Schema 2020-12, as writers hold to it."""
    schema = event.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{event.type}",
        **schema,
    }


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Why readers of `old` could fail on what `new` writes; empty when the change is compatible.

    Wording (titles, descriptions, examples) may change; a new property may come if it is optional.
    """
    return list(_differences(old, new, old, new, "", frozenset()))


_WORDS = {"title", "description", "examples", "$id", "$schema", "$defs"}


def _differences(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str, seen: frozenset[str]
) -> Iterator[str]:
    if "$ref" in old and "$ref" in new:
        if old["$ref"] in seen:
            return
        seen = seen | {old["$ref"]}
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    was, now = old.get("properties", {}), new.get("properties", {})
    for name in was:
        at = f"{place}/{name}"
        if name not in now:
            yield f"{at}: the field is gone"
        else:
            yield from _differences(was[name], now[name], old_root, new_root, at, seen)
    required_was, required_now = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(required_was ^ required_now):
        if name in was and name in now:
            yield f"{place}/{name}: {'became optional' if name in required_was else 'became required'}"
        elif name in now:
            yield f"{place}/{name}: a new field must be optional"
    for key in sorted((old.keys() | new.keys()) - _WORDS - {"properties", "required", "default"}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, old_root, new_root, f"{place}/{key}", seen)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"} and _paired(before, after):
            for i, (a, b) in enumerate(zip(before or [], after or [], strict=True)):
                yield from _differences(a, b, old_root, new_root, f"{place}/{key}/{i}", seen)
        elif before != after:
            yield f"{place}: {key} was {before!r}, is {after!r}"


def _paired(before: Any, after: Any) -> bool:
    return isinstance(before, list) and isinstance(after, list) and len(before) == len(after)


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return {**root["$defs"][reference.rsplit("/", 1)[1]], **{k: v for k, v in schema.items() if k != "$ref"}}
