"""The platform's AsyncAPI 3.0 document: one channel per topic, one message per event type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solidary.language.events.event import Audience, Event, stream

HEADERS: dict[str, Any] = {
    "type": "object",
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "ce_agency",
        "ce_sequence",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "description": "/<country>/<service>"},
        "ce_subject": {"type": "string", "description": "The aggregate's id, which is also the Kafka key."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_agency": {"type": "string", "format": "uuid", "description": "The owner agency."},
        "ce_sequence": {
            "type": "string",
            "description": "The number of the event within its aggregate, from 1.",
        },
        "ce_traceparent": {"type": "string"},
        "traceparent": {
            "type": "string",
            "description": "The W3C Trace Context, with the same value as ce_traceparent.",
        },
        "content-type": {"const": "application/json"},
    },
}
"""The JSON Schema of an event's Kafka headers."""


def document(event_types: Iterable[type[Event]], version: str) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of event types, with references to the snapshots of their schemas."""
    kinds = [kind for kind in event_types if kind.audience is not Audience.PARTIES]
    streams = list(dict.fromkeys(stream(kind) for kind in kinds))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Solidary: the published language",
            "version": version,
            "description": "CloudEvents 1.0 in Kafka's binary mode. They contain pseudonyms, states and counts only.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            name: _channel(name, [kind for kind in kinds if stream(kind) == name]) for name in streams
        },
        "operations": {
            f"publish{name.title().replace('.', '')}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
            }
            for name in streams
        },
        "components": {"messages": {_message_name(kind): _message(kind) for kind in kinds}},
    }


def _channel(name: str, kinds: list[type[Event]]) -> dict[str, Any]:
    service, audience = name.split(".")
    return {
        "address": f"{{country}}.{name}",
        "description": f"The events that {service} publishes for the audience «{audience}», keyed by the aggregate's "
        "id in 12 partitions, and kept as long as the country's pack states.",
        "parameters": {
            "country": {"description": "ISO 3166-1 alpha-2 in lower case.", "default": "pa"},
        },
        "messages": {
            _message_name(kind): {"$ref": f"#/components/messages/{_message_name(kind)}"} for kind in kinds
        },
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.type,
        "title": f"{kind.aggregate} {kind.fact}".replace("_", " "),
        "summary": (kind.__doc__ or "").strip().split("\n")[0],
        "headers": HEADERS,
        "payload": {"$ref": f"./events/{kind.type}.json"},
    }


def _message_name(kind: type[Event]) -> str:
    return kind.type.removeprefix("org.solidary.").replace(".", "_")
