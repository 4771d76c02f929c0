"""GeoJSON feature collections (RFC 7946), one feature at a time."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import shapely
from solidary.files.command_line import InvalidInput

Feature = Mapping[str, Any]
SPACE = " \t\r\n"


class Collection:
    """A feature collection held as text; iterating parses one feature after the other.

    So a large file costs its text and one feature, not a tree of all of them. Iterating raises InvalidInput
    with the line for what is not JSON, with a pointer for what is no feature.
    """

    def __init__(self, path: Path):
        self.path = path
        self.head: dict[str, Any] = {}
        try:
            self.text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InvalidInput(error.strerror or "cannot be read", file=path) from error
        except UnicodeDecodeError as error:
            raise InvalidInput("is not UTF-8 text", file=path, place=f"byte {error.start}") from error

    def __iter__(self) -> Iterator[Feature]:
        """The features; afterwards `head` holds the collection's other members."""
        found = False
        try:
            at = self._expect(self._skip(0), "{")
            while self.text[(at := self._skip(at)) : at + 1] != "}":
                key, at = json.JSONDecoder().raw_decode(self.text, at)
                at = self._skip(self._expect(self._skip(at), ":"))
                if key == "features":
                    found = True
                    at = yield from self._features(at)
                else:
                    self.head[key], at = json.JSONDecoder().raw_decode(self.text, at)
                at = self._skip(at)
                if self.text[at : at + 1] == ",":
                    at = self._skip(at + 1)
                elif self.text[at : at + 1] != "}":
                    raise json.JSONDecodeError("expected , or }", self.text, at)
        except json.JSONDecodeError as error:
            raise InvalidInput(
                f"is not JSON: {error.msg}", file=self.path, place=f"line {error.lineno}"
            ) from error
        except InvalidInput:
            raise
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"cannot be read as JSON: {error}", file=self.path) from error
        if not found or self.head.get("type", "FeatureCollection") != "FeatureCollection":
            raise InvalidInput("is not a GeoJSON FeatureCollection", file=self.path)

    def _features(self, at: int) -> Generator[Feature, None, int]:
        at = self._skip(self._expect(at, "["))
        number = 0
        while self.text[at : at + 1] != "]":
            feature, at = json.JSONDecoder().raw_decode(self.text, at)
            if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
                raise self.broken(number, "is not a GeoJSON feature")
            yield {**feature, "properties": feature.get("properties") or {}}
            number += 1
            at = self._skip(at)
            if self.text[at : at + 1] == ",":
                at = self._skip(at + 1)
            elif self.text[at : at + 1] != "]":
                raise json.JSONDecodeError("expected , or ]", self.text, at)
        return at + 1

    def _skip(self, at: int) -> int:
        while self.text[at : at + 1] and self.text[at] in SPACE:
            at += 1
        return at

    def _expect(self, at: int, sign: str) -> int:
        if self.text[at : at + 1] != sign:
            raise json.JSONDecodeError(f"expected {sign}", self.text, at)
        return at + 1

    def broken(self, number: int, reason: str, inside: str = "") -> InvalidInput:
        """An error of the feature with this number (from 0), with its JSON pointer."""
        return InvalidInput(reason, file=self.path, place=f"/features/{number}{inside}")


def write(out: IO[str], head: Mapping[str, Any], features: Iterable[Feature]) -> None:
    """Writes a feature collection, a feature a line."""
    members = {"type": "FeatureCollection", **{key: head[key] for key in head if key != "type"}}
    out.write(json.dumps(members, ensure_ascii=False)[:-1] + ', "features": [')
    for number, feature in enumerate(features):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(feature, ensure_ascii=False))
    out.write("\n]}\n")


def middle(feature: Feature) -> tuple[float, float] | None:
    """Longitude and latitude of the feature's point or of its centroid; None without a usable geometry."""
    geometry = feature.get("geometry")
    try:
        shape = shapely.geometry.shape(geometry) if geometry else None
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    if shape is None or shape.is_empty or not in_degrees(shape.bounds):
        return None
    return float(shape.centroid.x), float(shape.centroid.y)


def in_degrees(bounds: tuple[float, float, float, float]) -> bool:
    """Whether west, south, east and north are longitude and latitude, as RFC 7946 wants them (CRS84)."""
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90
