"""The platform's AsyncAPI 3.0 document: one channel per service, one message per event type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solidary.language.events.catalogue import PUBLISHERS
from solidary.language.events.event import Event

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
        "ce_subject": {"type": "string", "description": "The aggregate's id, also the Kafka key"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_agency": {"type": "string", "format": "uuid", "description": "The owner agency"},
        "ce_parties": {"type": "string", "description": "Other agencies concerned, comma-separated"},
        "ce_sequence": {"type": "string", "description": "The aggregate's own count, from 1"},
        "ce_traceparent": {"type": "string"},
        "traceparent": {"type": "string", "description": "W3C Trace Context; same as ce_traceparent"},
        "content-type": {"const": "application/json"},
    },
}


def document(events: Iterable[type[Event]], version: str) -> dict[str, Any]:
    """AsyncAPI 3.0 of all event types; schemas by reference to their snapshots."""
    kinds = list(events)
    channels = {
        speaker: {
            "address": f"{{country}}.{speaker}",
            "description": f"What {speaker} tells. Kept, keyed by the aggregate's id, 12 partitions.",
            "parameters": {"country": {"description": "ISO 3166-1 alpha-2, lower case", "default": "pa"}},
            "messages": {
                _short(kind): {"$ref": f"#/components/messages/{_short(kind)}"}
                for kind in kinds
                if kind.service == speaker
            },
        }
        for speaker in PUBLISHERS
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Solidary: the published language",
            "version": version,
            "description": "CloudEvents 1.0 in Kafka binary mode. Pseudonyms, states and counts only.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {
            f"{speaker}Tells": {"action": "send", "channel": {"$ref": f"#/channels/{speaker}"}}
            for speaker in PUBLISHERS
        },
        "components": {
            "messages": {
                _short(kind): {
                    "name": kind.type,
                    "title": f"{kind.aggregate} {kind.fact}".replace("_", " "),
                    "summary": (kind.__doc__ or "").strip().split("\n")[0],
                    "headers": HEADERS,
                    "payload": {"$ref": f"./events/{kind.type}.json"},
                }
                for kind in kinds
            }
        },
    }


def _short(kind: type[Event]) -> str:
    return kind.type.removeprefix("org.solidary.").replace(".", "_")
