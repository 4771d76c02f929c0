"""The snapshots in `contracts/`, and the gate between them and the code.

An event's schema may only grow by optional fields; the snapshots of old versions stay. OpenAPI and AsyncAPI
follow the code and must be written anew (`make contracts`) with the change that alters them.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from solidary.events import catalogue
from solidary.events.asyncapi import document
from solidary.events.catalogue import SPEAKERS
from solidary.events.schema import incompatibilities, schema_of
from solidary.service import VERSION

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "contracts" / "events"


def wanted() -> Iterator[tuple[Path, Any]]:
    """Every snapshot as the code would write it."""
    kinds = list(catalogue.published())
    for kind in kinds:
        yield EVENTS / f"{kind.type}.json", schema_of(kind)
    yield ROOT / "contracts" / "asyncapi.json", document(kinds, VERSION)
    for name in SPEAKERS:
        service = importlib.import_module(f"{name}.service").service
        yield ROOT / "services" / name / "openapi.json", service.application().openapi()


def as_text(snapshot: Any) -> str:
    return json.dumps(snapshot, indent=1, ensure_ascii=False) + "\n"


def broken_promises() -> list[str]:
    """What readers of a published event could fail on; a type that is gone counts too."""
    kinds = {f"{kind.type}.json": kind for kind in catalogue.published()}
    faults = []
    for file in sorted(EVENTS.glob("*.json")):
        if file.name not in kinds:
            faults.append(f"{file.name}: the type is gone; old versions stay readable")
            continue
        old = json.loads(file.read_text())
        faults += [f"{file.name}: {fault}" for fault in incompatibilities(old, schema_of(kinds[file.name]))]
    return faults


def out_of_date() -> list[str]:
    """Snapshots that differ from what the code says."""
    return [
        f"{path.relative_to(ROOT)} is out of date: `make contracts`"
        for path, snapshot in wanted()
        if not path.exists() or path.read_text() != as_text(snapshot)
    ]


def write() -> list[str]:
    """Writes what is out of date, unless a promise would break; returns the broken promises."""
    faults = broken_promises()
    if not faults:
        for path, snapshot in wanted():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(snapshot))
    return faults
