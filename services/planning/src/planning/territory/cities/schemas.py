"""The requests and answers of the API about cities."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from solidary.language.strict import StrictModel
from solidary.language.text import require_meaning

from planning.schemas import Name, RequestBody, ResponseBody

MAX_AREAS = 10_000
MAX_CELLS = 200_000
"""The most cells of one import. A city of five million has 60,000 cells of H3's resolution 9."""

PCode = Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2,10}$", description="A P-code.", examples=["PA110408"])]
CityCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", examples=["la-chorrera-demo"])]
IndicatorValue = Annotated[float, Field(allow_inf_nan=False)]
IndicatorCode = Annotated[
    str, Field(min_length=1, max_length=64), AfterValidator(lru_cache(1000)(require_meaning))
]
"""All cells of a city have the same codes; each is checked once."""


class GeoJsonObject(StrictModel):
    """A GeoJSON object. It may have foreign members (RFC 7946, 6.1), which are ignored."""

    model_config = ConfigDict(extra="ignore")


class Geometry(GeoJsonObject):
    """A GeoJSON geometry with an area."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any] = Field(max_length=20_000, description="Longitude and latitude in degrees.")


def _geometry_of_wkb(value: object) -> object:
    """Return a stored shape (WKB) as a GeoJSON geometry; leave anything else as it is."""
    return json.loads(shapely.to_geojson(shapely.from_wkb(value))) if isinstance(value, bytes) else value


def _text_of_id(value: object) -> object:
    """Return a whole number as text, as GeoJSON's ids may be either; leave anything else as it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


StoredGeometry = Annotated[Geometry, BeforeValidator(_geometry_of_wkb)]


class DatasetIn(RequestBody):
    """The source of the data. `synthetic` marks invented figures and is shown with them everywhere."""

    title: Name
    publisher: Name
    url: Annotated[str, Field(pattern="^https?://", max_length=500)] | None = None
    licence: Name = Field(examples=["CC BY 4.0", "none stated"])
    period: Name = Field(examples=["2010/2020"])
    synthetic: bool = False


class AreaPropertiesIn(RequestBody):
    """The P-code and the name of an area."""

    pcode: PCode
    name: Name


class AreaFeatureIn(GeoJsonObject):
    """An administrative area, with or without its boundary."""

    type: Literal["Feature"] = "Feature"
    properties: AreaPropertiesIn
    geometry: Geometry | None = None


class AreaCollectionIn(GeoJsonObject):
    """The areas of a city as GeoJSON."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeatureIn] = Field(default=[], max_length=MAX_AREAS)


class CellPropertiesIn(RequestBody):
    """The area in which a cell lies, and its indicators."""

    area: PCode
    indicators: dict[IndicatorCode, IndicatorValue] = Field(default={}, max_length=200)


class CellFeatureIn(GeoJsonObject):
    """A cell of the city's grid."""

    type: Literal["Feature"] = "Feature"
    id: Annotated[
        str,
        Field(min_length=1, max_length=40),
        BeforeValidator(_text_of_id),
        AfterValidator(require_meaning),
    ]
    properties: CellPropertiesIn
    geometry: Geometry


class CellCollectionIn(GeoJsonObject):
    """The cells of a city as GeoJSON."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellFeatureIn] = Field(default=[], max_length=MAX_CELLS)


class CityIn(RequestBody):
    """A city or a part of it. Areas and cells that exist are replaced, others stay."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ciudad-ejemplo",
                    "name": "Ciudad de ejemplo",
                    "pcode": "PA9901",
                    "dataset": {
                        "title": "Celdas inventadas",
                        "publisher": "Ejemplo",
                        "licence": "CC BY 4.0",
                        "period": "2026",
                        "synthetic": True,
                    },
                    "areas": {"features": [{"properties": {"pcode": "PA990101", "name": "Centro"}}]},
                    "cells": {
                        "features": [
                            {
                                "id": "896d1a2d5afffff",
                                "properties": {"area": "PA990101", "indicators": {"water_access": 0.82}},
                                "geometry": {
                                    "type": "Polygon",
                                    "coordinates": [
                                        [
                                            [-79.785, 8.878],
                                            [-79.781, 8.878],
                                            [-79.781, 8.882],
                                            [-79.785, 8.882],
                                            [-79.785, 8.878],
                                        ]
                                    ],
                                },
                            }
                        ]
                    },
                }
            ]
        }
    )

    code: CityCode
    name: Name
    pcode: PCode = Field(description="The P-code of the city or district.")
    dataset: DatasetIn
    areas: AreaCollectionIn = AreaCollectionIn()
    cells: CellCollectionIn = CellCollectionIn()


class DatasetOut(ResponseBody):
    """The source of areas, cells and indicators."""

    id: UUID
    title: str
    publisher: str
    url: str | None
    licence: str
    period: str
    synthetic: bool
    imported: datetime


class AreaOut(ResponseBody):
    """An administrative area of a city."""

    pcode: str
    name: str


class CityOut(ResponseBody):
    """A city with its areas, its number of cells, and their sources."""

    code: str
    name: str
    pcode: str
    areas: list[AreaOut]
    cells: int
    datasets: list[DatasetOut]


class CitySummaryOut(ResponseBody):
    """A city in a list."""

    code: str
    name: str
    pcode: str
    imported: datetime


class CellPropertiesOut(ResponseBody):
    """The area, the source and the indicators of a cell."""

    area: str
    dataset: UUID
    indicators: dict[str, float]


class CellFeatureOut(BaseModel):
    """A cell as a GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    id: str
    properties: CellPropertiesOut
    geometry: StoredGeometry


class CellCollectionOut(BaseModel):
    """Cells as a GeoJSON feature collection (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellFeatureOut]
