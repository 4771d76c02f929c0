"""Every part of every request has a bound in the API's description: lists, maps, texts and bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.isolation.examples import document_of, resolved
from tests.isolation.operations import OPERATIONS, Operation, for_each

BOUNDED_FORMATS = {"uuid", "date", "date-time", "time", "duration"}
OF_ANY_KIND = {
    # A row of a rule's table: the rule's reader accepts numbers and short texts only.
    ("cash", "rows[]/*"),
    # The rings of a shape, whose positions are counted when it is read.
    ("planning", "coordinates[]"),
    # The facts of a profile: the reader accepts known fields with values of their kind only.
    ("referrals", "profile/*"),
}
"""Parts that the schema leaves open and the reader checks, by service and the end of their path."""


@for_each(*OPERATIONS)
def test_every_part_of_a_request_is_bounded(operation: Operation):
    document = document_of(operation.service)
    requests = {
        f"{each['in']} {each['name']}": each["schema"] for each in operation.description.get("parameters", [])
    }
    content = operation.description.get("requestBody", {}).get("content", {})
    requests |= {kind: part["schema"] for kind, part in content.items()}
    without = [
        f"{place}{path} ({reason})"
        for place, schema in requests.items()
        for path, reason in unbounded(schema, document)
        if not any(
            operation.service == service and path.endswith(end) and reason == "anything"
            for service, end in OF_ANY_KIND
        )
    ]
    assert not without


def unbounded(
    schema: dict[str, Any], document: dict[str, Any], path: str = "", seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Yield the parts of a schema without a bound, with the reason."""
    name = schema.get("$ref", "")
    if name in seen:
        yield path, "refers to itself"
        return
    schema, seen = resolved(schema, document), seen | {name} - {""}
    choices = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, [])]
    for one in choices:
        yield from unbounded(one, document, path, seen)
    match schema.get("type"):
        case "array":
            if "maxItems" not in schema:
                yield path, "a list"
            for item in [schema.get("items", {}), *schema.get("prefixItems", [])]:
                yield from unbounded(item, document, f"{path}[]", seen)
        case "string":
            if not (schema.keys() & {"maxLength", "enum", "const"} or is_bounded_text(schema)):
                yield path, "a text"
        case "object":
            yield from unbounded_object(schema, document, path, seen)
        case None:
            if not (choices or schema.keys() & {"enum", "const"}):
                yield path, "anything"


def unbounded_object(
    schema: dict[str, Any], document: dict[str, Any], path: str, seen: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for name, inside in schema.get("properties", {}).items():
        yield from unbounded(inside, document, f"{path}/{name}", seen)
    values = schema.get("additionalProperties", True)
    if "properties" not in schema:
        if "maxProperties" not in schema:
            yield path, "a map"
        kinds = [*schema.get("patternProperties", {}).values()] or [
            values if isinstance(values, dict) else {}
        ]
        for inside in kinds:
            yield from unbounded(inside, document, f"{path}/*", seen)


def is_bounded_text(schema: dict[str, Any]) -> bool:
    """Return whether a text's format or its pattern ends it: a pattern with an end and without * or +."""
    pattern = schema.get("pattern", "*")
    return schema.get("format") in BOUNDED_FORMATS or (
        pattern.startswith("^") and pattern.endswith("$") and not {"*", "+"} & set(pattern.replace("\\+", ""))
    )
