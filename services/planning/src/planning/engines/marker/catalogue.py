"""The catalogue of an Urban Inclusion Marker: which indicators, how they are read, how they are weighed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from solidary.files.command_line import InvalidInput

RESERVED = ("index", "low", "high", "coverage")
"""What the index's own columns are called beside a cell."""


class Direction(StrEnum):
    """Whether more of it is better or worse for people."""

    more = "more"
    less = "less"


class Normalisation(StrEnum):
    """How a value becomes 0 to 100: between stated bounds, between the least and the most found, by rank.

    Only `bounds` can be compared between cities and years.
    """

    bounds = "bounds"
    range = "range"
    rank = "rank"


@dataclass(frozen=True)
class Indicator:
    column: str
    direction: Direction
    dimension: str
    weight: float = 1.0
    normalisation: Normalisation = Normalisation.range
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dimension:
    id: str
    area: str
    weight: float = 1.0


@dataclass(frozen=True)
class Area:
    """One of the thematic areas. Not `composed`: a battery of dimensions, never one number."""

    id: str
    weight: float = 1.0
    composed: bool = True


@dataclass(frozen=True)
class Catalogue:
    """`minimum_coverage` is the share of weight that must be present for a mean to be given at all.

    Two thirds by default, as the Global Innovation Index asks of its countries.
    """

    indicators: tuple[Indicator, ...]
    dimensions: tuple[Dimension, ...]
    areas: tuple[Area, ...]
    minimum_coverage: float = 2 / 3


def read(path: Path) -> Catalogue:
    """Reads a catalogue in TOML (docs/using/marker.md). Raises InvalidInput with the table's name."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("cannot be read as text", file=path) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise InvalidInput(
            f"is not TOML: {error}", file=path, place=f"line {found[1]}" if found else None
        ) from error
    return _Reader(path, raw).read()


class _Reader:
    def __init__(self, path: Path, raw: Mapping[str, Any]):
        self.path, self.raw = path, raw

    def read(self) -> Catalogue:
        areas = tuple(
            Area(self._text(at, row, "id"), self._weight(at, row), bool(row.get("composed", True)))
            for at, row in self._tables("area", {"id", "name", "weight", "composed"})
        )
        dimensions = tuple(
            Dimension(
                self._text(at, row, "id"),
                self._one_of(at, row, "area", [area.id for area in areas]),
                self._weight(at, row),
            )
            for at, row in self._tables("dimension", {"id", "name", "area", "weight"})
        )
        indicators = tuple(self._indicators([dimension.id for dimension in dimensions]))
        ids = {"area": [area.id for area in areas], "dimension": [dimension.id for dimension in dimensions]}
        self._once("area", ids["area"])
        self._once("dimension", [*ids["area"], *ids["dimension"]])
        for kind, taken in ids.items():
            for number, id_ in enumerate(taken):
                if id_ in RESERVED:
                    raise self._broken(f"/{kind}/{number}", f"the id {id_} is the index's own: take another")
        self._once("indicator", [indicator.column for indicator in indicators])
        self._filled("dimension", [one.id for one in dimensions], {one.dimension for one in indicators})
        self._filled("area", [one.id for one in areas], {one.area for one in dimensions})
        if not any(area.composed for area in areas):
            raise self._broken("area", "none is composed: there would be no index")
        minimum = self._number("", self.raw, "minimum_coverage", 2 / 3)
        if minimum is None or not 0 < minimum <= 1:
            raise self._broken("minimum_coverage", "must be above 0 and at most 1")
        return Catalogue(indicators, dimensions, areas, minimum)

    def _indicators(self, dimensions: list[str]) -> list[Indicator]:
        indicators = []
        keys = {"column", "name", "direction", "dimension", "weight", "normalisation", "low", "high"}
        for at, row in self._tables("indicator", keys):
            indicator = Indicator(
                column=self._text(at, row, "column"),
                direction=Direction(self._one_of(at, row, "direction", list(Direction))),
                dimension=self._one_of(at, row, "dimension", dimensions),
                weight=self._weight(at, row),
                normalisation=Normalisation(
                    self._one_of(at, {"normalisation": "range", **row}, "normalisation", list(Normalisation))
                ),
                low=self._number(at, row, "low", None),
                high=self._number(at, row, "high", None),
            )
            low, high = indicator.low, indicator.high
            if indicator.normalisation is Normalisation.bounds and (
                low is None or high is None or not low < high
            ):
                raise self._broken(at, "bounds need a low below a high")
            indicators.append(indicator)
        return indicators

    def _broken(self, at: str, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.path, place=at)

    def _tables(self, name: str, keys: set[str]) -> list[tuple[str, Mapping[str, Any]]]:
        rows = self.raw.get(name)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise self._broken(f"/{name}", f"needs at least one [[{name}]]")
        for number, row in enumerate(rows):
            if unknown := sorted(row.keys() - keys):
                raise self._broken(f"/{name}/{number}", f"knows no {unknown[0]}")
        return [(f"/{name}/{number}", row) for number, row in enumerate(rows)]

    def _text(self, at: str, row: Mapping[str, Any], key: str) -> str:
        value = row.get(key)
        if not isinstance(value, str) or not value:
            raise self._broken(at, f"needs a {key}")
        return value

    def _one_of(self, at: str, row: Mapping[str, Any], key: str, allowed: list[Any]) -> str:
        value = self._text(at, row, key)
        if value not in allowed:
            raise self._broken(at, f"{key} {value!r} is none of {', '.join(map(str, allowed))}")
        return value

    def _number(self, at: str, row: Mapping[str, Any], key: str, default: float | None) -> float | None:
        value = row.get(key, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self._broken(f"{at}/{key}", "must be a number")
        return value

    def _weight(self, at: str, row: Mapping[str, Any]) -> float:
        weight = self._number(at, row, "weight", 1.0)
        if weight is None or not 0 < weight < float("inf"):
            raise self._broken(f"{at}/weight", "must be above 0")
        return float(weight)

    def _once(self, name: str, ids: list[str]) -> None:
        for number, one in enumerate(ids):
            if one in ids[:number]:
                raise self._broken(f"/{name}", f"the id {one} stands twice")

    def _filled(self, name: str, ids: list[str], used: set[str]) -> None:
        for number, one in enumerate(ids):
            if one not in used:
                raise self._broken(f"/{name}/{number}", f"{name} {one} has nothing in it")
