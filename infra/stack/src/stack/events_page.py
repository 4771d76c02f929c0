"""The page `/events/` of the front door: the published language (contracts/asyncapi.json), without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

CONTRACTS = Path(__file__).parents[4] / "contracts"


def events_pages() -> dict[str, str]:
    """Return the page and the documents that it describes, by their paths."""
    sources = [
        "asyncapi.json",
        *(f"events/{schema.name}" for schema in sorted((CONTRACTS / "events").iterdir())),
    ]
    documents = {name: (CONTRACTS / name).read_text(encoding="utf-8") for name in sources}
    template = Template((files("stack") / "events.html").read_text(encoding="utf-8"))
    page = template.substitute(channels="\n".join(_channels(documents)))
    return {"events/index.html": page, **{f"events/{name}": text for name, text in documents.items()}}


def _channels(documents: Mapping[str, str]) -> Iterator[str]:
    language = json.loads(documents["asyncapi.json"])
    messages = language["components"]["messages"]
    for channel in language["channels"].values():
        yield f"<h2>{escape(channel['address'])}</h2>\n<p>{escape(channel['description'])}</p>"
        for key in channel["messages"]:
            message = messages[key]
            source = message["payload"]["$ref"].removeprefix("./")
            yield from _message(message, source, json.loads(documents[source]))


def _message(message: Mapping[str, Any], source: str, schema: Mapping[str, Any]) -> Iterator[str]:
    name = escape(message["name"])
    yield f'<h3 id="{name}">{name}</h3>\n<p>{escape(message["summary"])} <a href="{escape(source)}">JSON Schema</a></p>'
    yield from _fields(schema)
    for part, described in schema.get("$defs", {}).items():
        yield f"<h4>{escape(part)}</h4>"
        yield from _fields(described)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a schema's fields as a list, or its values where it has none."""
    if "properties" not in schema:
        yield f"<p><code>{escape(_kind(schema))}</code> {escape(schema.get('description', ''))}</p>"
        return
    required = schema.get("required", ())
    yield "<ul>"
    for name, field in schema["properties"].items():
        optional = "" if name in required else " (optional)"
        description = escape(field.get("description", ""))
        yield f"<li><b>{escape(name)}</b>{optional} <code>{escape(_kind(field))}</code> {description}</li>"
    yield "</ul>"


def _kind(schema: Mapping[str, Any]) -> str:
    """Return the kind of a value in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format", schema.get("type", "any")))
