"""A reader and a writer of GeoJSON feature collections (RFC 7946), one feature at a time."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import shapely
from solidary.files.command_line import InvalidInput

Feature = Mapping[str, Any]
WHITESPACE = " \t\r\n"


class FeatureCollection:
    """A feature collection held as text; iterating parses one feature after the other.

    So a large file needs memory for its text and one feature, not for all features. Iterating raises InvalidInput with
    the line where the text is not JSON, and with a JSON pointer where a member is not a feature.
    """

    def __init__(self, path: Path):
        self.path = path
        self.members: dict[str, Any] = {}
        try:
            self.text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InvalidInput(f"The file cannot be read: {error.strerror or error}.", file=path) from error
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "The file is not UTF-8 text.", file=path, place=f"byte {error.start}"
            ) from error

    def __iter__(self) -> Iterator[Feature]:
        """Yield the features; afterwards `members` holds the collection's other members."""
        has_features = False
        try:
            position = self._expect(self._skip(0), "{")
            while self.text[(position := self._skip(position)) : position + 1] != "}":
                key, position = json.JSONDecoder().raw_decode(self.text, position)
                position = self._skip(self._expect(self._skip(position), ":"))
                if key == "features":
                    has_features = True
                    position = yield from self._features(position)
                else:
                    self.members[key], position = json.JSONDecoder().raw_decode(self.text, position)
                position = self._skip(position)
                if self.text[position : position + 1] == ",":
                    position = self._skip(position + 1)
                elif self.text[position : position + 1] != "}":
                    raise self._expected(position, ", or }")
        except json.JSONDecodeError as error:
            raise InvalidInput(
                f"The file is not JSON: {error.msg}.", file=self.path, place=f"line {error.lineno}"
            ) from error
        except InvalidInput:
            raise
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"The file cannot be read as JSON: {error}.", file=self.path) from error
        if not has_features or self.members.get("type", "FeatureCollection") != "FeatureCollection":
            raise InvalidInput("The file is not a GeoJSON FeatureCollection.", file=self.path)

    def _features(self, position: int) -> Generator[Feature, None, int]:
        position = self._skip(self._expect(position, "["))
        number = 0
        while self.text[position : position + 1] != "]":
            feature, position = json.JSONDecoder().raw_decode(self.text, position)
            if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
                raise self.error(number, "This member is not a GeoJSON feature.")
            yield {**feature, "properties": feature.get("properties") or {}}
            number += 1
            position = self._skip(position)
            if self.text[position : position + 1] == ",":
                position = self._skip(position + 1)
            elif self.text[position : position + 1] != "]":
                raise self._expected(position, ", or ]")
        return position + 1

    def _skip(self, position: int) -> int:
        while self.text[position : position + 1] and self.text[position] in WHITESPACE:
            position += 1
        return position

    def _expect(self, position: int, token: str) -> int:
        if self.text[position : position + 1] != token:
            raise self._expected(position, token)
        return position + 1

    def _expected(self, position: int, tokens: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(f"Expecting {tokens}", self.text, position)

    def error(self, number: int, reason: str, inside: str = "") -> InvalidInput:
        """Return an error about the feature with this number (from 0), with its JSON pointer."""
        return InvalidInput(reason, file=self.path, place=f"/features/{number}{inside}")


def write_collection(out: IO[str], members: Mapping[str, Any], features: Iterable[Feature]) -> None:
    """Write a feature collection, one feature per line; `members` are its members besides the features."""
    others = {key: value for key, value in members.items() if key != "type"}
    out.write(
        json.dumps({"type": "FeatureCollection", **others}, ensure_ascii=False)[:-1] + ', "features": ['
    )
    for number, feature in enumerate(features):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(feature, ensure_ascii=False))
    out.write("\n]}\n")


def centroid(feature: Feature) -> tuple[float, float] | None:
    """Return longitude and latitude of the feature's centroid, or None without a geometry in degrees."""
    geometry = feature.get("geometry")
    try:
        shape = shapely.geometry.shape(geometry) if geometry else None
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    if shape is None or shape.is_empty or not is_in_degrees(shape.bounds):
        return None
    return float(shape.centroid.x), float(shape.centroid.y)


def is_in_degrees(bounds: tuple[float, float, float, float]) -> bool:
    """Return whether west, south, east and north are longitude and latitude in degrees (CRS84, as in RFC 7946)."""
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90
