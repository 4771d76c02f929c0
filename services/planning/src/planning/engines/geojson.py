"""A reader and a writer of GeoJSON feature collections (RFC 7946), one feature at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from solidary.files.command_line import InvalidInput
from solidary.files.json_document import JsonDocument
from solidary.language.numbers import DecimalMark, parse_number

Feature = Mapping[str, Any]


class FeatureCollection:
    """A feature collection held as text; iterating parses one feature after the other.

    So a large file needs memory for its text and one feature, not for all features. Iterating raises InvalidInput with
    the line and column where the text is not JSON, and with a JSON pointer where a member is not a feature.
    """

    def __init__(self, path: Path):
        self.path = path
        self.members: dict[str, Any] = {}
        self._document = JsonDocument(path)

    def __iter__(self) -> Iterator[Feature]:
        """Yield the features; afterwards `members` holds the collection's other members."""
        if not self._document.is_object():
            raise self._no_collection()
        has_features = False
        for (key, *rest), value in self._document.members(itemwise="features"):
            if rest:
                yield self._feature(int(rest[0]), value)
            elif key == "features":
                if has_features or value != []:
                    raise self._no_collection()
                has_features = True
            else:
                self.members[str(key)] = value
        if not has_features or self.members.get("type", "FeatureCollection") != "FeatureCollection":
            raise self._no_collection()

    def _feature(self, number: int, feature: object) -> Feature:
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise self.error(number, "This member is not a GeoJSON feature.")
        return {**feature, "properties": feature.get("properties") or {}}

    def _no_collection(self) -> InvalidInput:
        return InvalidInput("The file is not a GeoJSON FeatureCollection.", file=self.path)

    def number(
        self, index: int, feature: Feature, name: str, decimal: DecimalMark | None = None
    ) -> float | None:
        """Return a property that is a number, or text that is one; None where it is empty. Raises InvalidInput."""
        value = feature["properties"].get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            if isinstance(value, str):
                return float(parse_number(value, decimal))
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
        except (ValueError, OverflowError) as error:
            raise self.error(
                index, f"The value {value!r} is not a number: {error}", f"/properties/{name}"
            ) from error
        raise self.error(index, f"The value {value!r} is not a number.", f"/properties/{name}")

    def error(self, number: int, reason: str, inside: str = "") -> InvalidInput:
        """Return an error about the feature with this number (from 0), with its JSON pointer."""
        return InvalidInput(reason, file=self.path, place=f"/features/{number}{inside}")


def write_collection(out: IO[str], members: Mapping[str, Any], features: Iterable[Feature]) -> None:
    """Write a feature collection, one feature per line; `members` are its members besides the features."""
    others = {key: value for key, value in members.items() if key != "type"}
    out.write(
        json.dumps({"type": "FeatureCollection", **others}, ensure_ascii=False, allow_nan=False)[:-1]
        + ', "features": ['
    )
    for number, feature in enumerate(features):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    out.write("\n]}\n")


def is_in_degrees(bounds: tuple[float, float, float, float]) -> bool:
    """Return whether west, south, east and north are longitude and latitude in degrees (CRS84, as in RFC 7946)."""
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90
