"""What a siting is asked: places with weights, candidates, and the distance from each to each."""

from __future__ import annotations

from dataclasses import dataclass

from planning.engines.arrays import Floats

Id = str | int

# Places × candidates: beyond this the matrices would not fit a laptop.
MOST_PAIRS = 16_000_000


@dataclass(frozen=True)
class Task:
    """`distances[place, candidate]` in metres (or the file's unit), infinite where there is no way."""

    places: tuple[Id, ...]
    weights: Floats
    candidates: tuple[Id, ...]
    distances: Floats
