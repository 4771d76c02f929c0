"""The event types that a reader may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solidary.language.events.catalogue import published_types
from solidary.language.problems import Fault, Invalid


def known_types(names: Sequence[str], pointers: Iterable[str]) -> list[str]:
    """Return event types, sorted. Raises Invalid with the pointer of each name that is none."""
    existing = {kind.type for kind in published_types()}
    faults = [
        Fault(pointer, "There is no event type of this name. The page «Events» of the reference lists all.")
        for name, pointer in zip(names, pointers, strict=False)
        if name not in existing
    ]
    if faults:
        raise Invalid("", *faults)
    return sorted(set(names))
