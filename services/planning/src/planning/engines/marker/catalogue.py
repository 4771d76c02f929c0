"""The catalogue of an Urban Inclusion Marker: its indicators, how they are normalised, and their weights."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from solidary.files.command_line import InvalidInput

RESERVED_IDS = ("index", "low", "high", "coverage")
"""The ids of the index's own properties, which no area or dimension may have."""


class Direction(StrEnum):
    """The direction in which an indicator is good for people: more of it, or less."""

    MORE = "more"
    LESS = "less"


class Normalisation(StrEnum):
    """The method that turns a value into 0 to 100: between stated bounds, between the extremes found, or by rank.

    Only `bounds` can be compared between cities and years.
    """

    BOUNDS = "bounds"
    RANGE = "range"
    RANK = "rank"


@dataclass(frozen=True)
class Indicator:
    """One indicator: the column of the cells that holds it, and its place in the index."""

    column: str
    direction: Direction
    dimension: str
    weight: float = 1.0
    normalisation: Normalisation = Normalisation.RANGE
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dimension:
    """A group of indicators within an area."""

    id: str
    area: str
    weight: float = 1.0


@dataclass(frozen=True)
class Area:
    """A thematic area. One that is not `composed` is a battery of dimensions, never one number."""

    id: str
    weight: float = 1.0
    composed: bool = True


@dataclass(frozen=True)
class Catalogue:
    """A catalogue. `minimum_coverage` is the share of weight that must be present for a mean to be computed.

    It is two thirds by default, as the Global Innovation Index requires of its countries.
    """

    indicators: tuple[Indicator, ...]
    dimensions: tuple[Dimension, ...]
    areas: tuple[Area, ...]
    minimum_coverage: float = 2 / 3


def read(path: Path) -> Catalogue:
    """Read a catalogue in TOML (docs/using/marker.md). Raises InvalidInput with the table's place."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("The file cannot be read as UTF-8 text.", file=path) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise InvalidInput(
            f"The file is not TOML: {error}.", file=path, place=f"line {line[1]}" if line else None
        ) from error
    return _Reader(path, raw).read()


class _Reader:
    def __init__(self, path: Path, raw: Mapping[str, Any]):
        self.path, self.raw = path, raw

    def read(self) -> Catalogue:
        areas = tuple(
            Area(self._text(place, row, "id"), self._weight(place, row), bool(row.get("composed", True)))
            for place, row in self._tables("area", {"id", "name", "weight", "composed"})
        )
        dimensions = tuple(
            Dimension(
                self._text(place, row, "id"),
                self._one_of(place, row, "area", [area.id for area in areas]),
                self._weight(place, row),
            )
            for place, row in self._tables("dimension", {"id", "name", "area", "weight"})
        )
        indicators = tuple(self._indicators([dimension.id for dimension in dimensions]))
        ids = {"area": [area.id for area in areas], "dimension": [dimension.id for dimension in dimensions]}
        self._require_unique("area", ids["area"])
        self._require_unique("dimension", [*ids["area"], *ids["dimension"]])
        for kind, used_ids in ids.items():
            for number, id_ in enumerate(used_ids):
                if id_ in RESERVED_IDS:
                    raise self._error(
                        f"/{kind}/{number}", f"The id {id_} is reserved for the index. Choose another id."
                    )
        self._require_unique("indicator", [indicator.column for indicator in indicators])
        self._require_members(
            "dimension",
            [dimension.id for dimension in dimensions],
            {indicator.dimension for indicator in indicators},
        )
        self._require_members(
            "area", [area.id for area in areas], {dimension.area for dimension in dimensions}
        )
        if not any(area.composed for area in areas):
            raise self._error(
                "/area", "No area is composed, so there would be no index. Compose at least one."
            )
        minimum = self._number("", self.raw, "minimum_coverage", 2 / 3)
        if minimum is None or not 0 < minimum <= 1:
            raise self._error("/minimum_coverage", "The minimum coverage must be above 0 and at most 1.")
        return Catalogue(indicators, dimensions, areas, minimum)

    def _indicators(self, dimensions: list[str]) -> list[Indicator]:
        indicators = []
        keys = {"column", "name", "direction", "dimension", "weight", "normalisation", "low", "high"}
        for place, row in self._tables("indicator", keys):
            indicator = Indicator(
                column=self._text(place, row, "column"),
                direction=Direction(self._one_of(place, row, "direction", list(Direction))),
                dimension=self._one_of(place, row, "dimension", dimensions),
                weight=self._weight(place, row),
                normalisation=Normalisation(
                    self._one_of(
                        place, {"normalisation": "range", **row}, "normalisation", list(Normalisation)
                    )
                ),
                low=self._number(place, row, "low", None),
                high=self._number(place, row, "high", None),
            )
            low, high = indicator.low, indicator.high
            if indicator.normalisation is Normalisation.BOUNDS and (
                low is None or high is None or not low < high
            ):
                raise self._error(
                    place, "The normalisation bounds needs a low and a high, with low below high."
                )
            indicators.append(indicator)
        return indicators

    def _error(self, place: str, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.path, place=place)

    def _tables(self, name: str, allowed: set[str]) -> list[tuple[str, Mapping[str, Any]]]:
        rows = self.raw.get(name)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise self._error(f"/{name}", f"The catalogue needs at least one [[{name}]].")
        for number, row in enumerate(rows):
            if unknown := sorted(row.keys() - allowed):
                raise self._error(
                    f"/{name}/{number}", f"A table [[{name}]] has no key {unknown[0]}. Remove or correct it."
                )
        return [(f"/{name}/{number}", row) for number, row in enumerate(rows)]

    def _text(self, place: str, row: Mapping[str, Any], key: str) -> str:
        value = row.get(key)
        if not isinstance(value, str) or not value:
            raise self._error(place, f"The key {key} is missing or not a text.")
        return value

    def _one_of(self, place: str, row: Mapping[str, Any], key: str, allowed: list[Any]) -> str:
        value = self._text(place, row, key)
        if value not in allowed:
            raise self._error(
                place, f"The {key} {value!r} is not known. Use one of {', '.join(map(str, allowed))}."
            )
        return value

    def _number(self, place: str, row: Mapping[str, Any], key: str, default: float | None) -> float | None:
        value = row.get(key, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self._error(f"{place}/{key}", "The value must be a number.")
        return value

    def _weight(self, place: str, row: Mapping[str, Any]) -> float:
        weight = self._number(place, row, "weight", 1.0)
        if weight is None or not 0 < weight < float("inf"):
            raise self._error(f"{place}/weight", "A weight must be above 0.")
        return float(weight)

    def _require_unique(self, name: str, ids: list[str]) -> None:
        for number, id_ in enumerate(ids):
            if id_ in ids[:number]:
                raise self._error(f"/{name}", f"The id {id_} is used twice.")

    def _require_members(self, name: str, ids: list[str], used: set[str]) -> None:
        for number, id_ in enumerate(ids):
            if id_ not in used:
                raise self._error(
                    f"/{name}/{number}", f"The {name} {id_} is empty. Give it members or remove it."
                )
