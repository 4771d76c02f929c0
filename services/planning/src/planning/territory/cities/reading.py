"""A city as it was sent, read in parts: neither its text nor its features are ever in memory together."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from solidary.files.command_line import InvalidInput
from solidary.files.json_stream import JsonStream
from solidary.files.json_values import JsonPath
from solidary.language.problems import MAX_FAULTS, Fault, Invalid, json_pointer
from solidary.language.validation import faults_of
from solidary.platform.jobs import decompress

from planning.territory.cities.schemas import MAX_AREAS, MAX_CELLS, AreaFeatureIn, CellFeatureIn, CityIn

LARGEST_FEATURE = 2 * 1024 * 1024
"""The most characters of one feature."""

AREAS: JsonPath = ("areas", "features")
CELLS: JsonPath = ("cells", "features")
MAX_FEATURES = {AREAS: MAX_AREAS, CELLS: MAX_CELLS}

Feature = TypeVar("Feature", AreaFeatureIn, CellFeatureIn)


class ImportFaults:
    """The faults of an import so far. The import stops at MAX_FAULTS of them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Add faults. Raises Invalid when there are MAX_FAULTS."""
        self._faults += faults
        if len(self._faults) >= MAX_FAULTS:
            raise Invalid(
                f"The city has {MAX_FAULTS} faults or more: reading stopped at the last that is listed, and nothing "
                "was imported. Correct what they have in common and send the city again.",
                *self._faults[:MAX_FAULTS],
            )

    def require_none(self) -> None:
        """Raise Invalid where there are faults."""
        if self._faults:
            raise Invalid("Nothing was imported. Correct each fault and send the city again.", *self._faults)


class CityReader:
    """An uploaded city, packed by `solidary.platform.jobs.compress`, in parts. Its methods raise Invalid."""

    def __init__(self, body: Sequence[bytes], faults: ImportFaults) -> None:
        self._body, self._faults = body, faults

    def read_head(self) -> tuple[CityIn, int]:
        """Return the city without its areas and cells, and the number of its cells."""
        head: dict[str, object] = {}
        counts: dict[JsonPath, int] = dict.fromkeys(MAX_FEATURES, 0)
        for path, value in self._members():
            if len(path) == 3:
                self._count(counts, path[:2])
                continue
            match path:
                case (str(collection), str(name)):
                    head.setdefault(collection, {})[name] = value  # type: ignore[index]
                case (str(name),):
                    head[name] = value
        try:
            city = CityIn.model_validate(head)
        except ValidationError as error:
            self._faults.add(*faults_of(error.errors()[:MAX_FAULTS]))
            self._faults.require_none()
            raise
        return city, counts[CELLS]

    def _count(self, counts: dict[JsonPath, int], features: JsonPath) -> None:
        counts[features] += 1
        if counts[features] > MAX_FEATURES[features]:
            detail = f"This must have at most {MAX_FEATURES[features]:,} entries."
            self._faults.add(Fault(json_pointer(features), detail))
            self._faults.require_none()

    def areas(self) -> Iterator[tuple[int, AreaFeatureIn | list[Fault]]]:
        """Yield the areas with their index; of one that is not as it must be, its faults."""
        return self._features(AREAS, TypeAdapter(AreaFeatureIn))

    def cells(self) -> Iterator[tuple[int, CellFeatureIn | list[Fault]]]:
        """Yield the cells with their index; of one that is not as it must be, its faults."""
        return self._features(CELLS, TypeAdapter(CellFeatureIn))

    def _features(
        self, collection: JsonPath, type_: TypeAdapter[Feature]
    ) -> Iterator[tuple[int, Feature | list[Fault]]]:
        depth, has_begun = len(collection), False
        for path, value in self._members():
            if path[:depth] == collection and len(path) > depth and isinstance(index := path[depth], int):
                has_begun = True
                yield index, _feature(path, value, type_)
            elif has_begun:
                return

    def _members(self) -> Iterator[tuple[JsonPath, object]]:
        text = codecs.iterdecode(decompress(self._body), "utf-8")
        try:
            yield from JsonStream(text, largest=LARGEST_FEATURE).members(tuple(MAX_FEATURES))
        except UnicodeDecodeError:
            raise Invalid("The city is not UTF-8.", Fault("", "Save the file as UTF-8.")) from None
        except InvalidInput as error:
            is_pointer = error.place is not None and error.place.startswith("/")
            fault = (
                Fault(error.place or "", error.reason)
                if is_pointer
                else Fault("", f"{error.reason} ({error.place})")
            )
            raise Invalid("The city cannot be read.", fault) from None


def _feature(path: JsonPath, value: object, type_: TypeAdapter[Feature]) -> Feature | list[Fault]:
    try:
        return type_.validate_python(value)
    except ValidationError as error:
        found = faults_of(error.errors(include_input=False)[:MAX_FAULTS], value)
        return [Fault(json_pointer(path) + each.pointer, each.detail) for each in found]
