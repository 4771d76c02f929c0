"""An instance of a siting problem: places with weights, candidates, and the distance from each to each."""

from __future__ import annotations

from dataclasses import dataclass

from planning.engines.arrays import Floats

Id = str | int

# Places × candidates. Larger matrices would not fit the memory of a laptop.
MAX_PAIRS = 16_000_000


@dataclass(frozen=True)
class SitingInstance:
    """An instance; `distances[place, candidate]` are metres (or the file's unit), infinite without a path."""

    places: tuple[Id, ...]
    weights: Floats
    candidates: tuple[Id, ...]
    distances: Floats
