"""What the API takes and gives of cities and units of intervention."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from solidary.language.codes.people import Community

PCode = Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2,10}$", description="P-code", examples=["PA110408"])]
CityCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$", examples=["la-chorrera-demo"])]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
IndicatorCode = Annotated[str, Field(min_length=1, max_length=64)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GeoJson(BaseModel):
    """GeoJSON may carry members of its own making (RFC 7946, 6.1): they are passed over."""

    model_config = ConfigDict(extra="ignore")


class Geometry(GeoJson):
    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any] = Field(description="Longitude and latitude in degrees")


def _geojson(wkb: object) -> object:
    """A stored shape (WKB) as a GeoJSON geometry."""
    return json.loads(shapely.to_geojson(shapely.from_wkb(wkb))) if isinstance(wkb, bytes) else wkb


StoredGeometry = Annotated[Geometry, BeforeValidator(_geojson)]


class DatasetIn(In):
    """Where figures come from. `synthetic` marks invented ones, and stays with them wherever they are shown."""

    title: Words
    publisher: Words
    url: Annotated[str, Field(pattern="^https?://", max_length=500)] | None = None
    licence: Words = Field(examples=["CC BY 4.0", "none stated"])
    period: Words = Field(examples=["2010/2020"])
    synthetic: bool = False


class AreaProperties(In):
    pcode: PCode
    name: Words


class AreaFeature(GeoJson):
    type: Literal["Feature"] = "Feature"
    properties: AreaProperties
    geometry: Geometry | None = None


class AreaCollection(GeoJson):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]


class CellProperties(In):
    area: PCode
    indicators: dict[IndicatorCode, Finite] = Field(default={}, max_length=200)


class CellFeature(GeoJson):
    type: Literal["Feature"] = "Feature"
    id: Annotated[str, Field(min_length=1, max_length=40), BeforeValidator(lambda id_: str(id_))]
    properties: CellProperties
    geometry: Geometry


class CellCollection(GeoJson):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellFeature]


class CityIn(In):
    """A city, or a part of it: areas and cells that are there already are replaced, others stay."""

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
    name: Words
    pcode: PCode = Field(description="P-code of the city or district")
    dataset: DatasetIn
    areas: AreaCollection = AreaCollection(features=[])
    cells: CellCollection = CellCollection(features=[])


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DatasetOut(Out):
    id: UUID
    title: str
    publisher: str
    url: str | None
    licence: str
    period: str
    synthetic: bool
    imported: datetime


class AreaOut(Out):
    pcode: str
    name: str


class CityOut(Out):
    code: str
    name: str
    pcode: str
    areas: list[AreaOut]
    cells: int
    datasets: list[DatasetOut]


class CityLineOut(Out):
    """A city in a list."""

    code: str
    name: str
    pcode: str
    imported: datetime


class CellPropertiesOut(Out):
    area: str
    dataset: UUID
    indicators: dict[str, float]


class CellOut(BaseModel):
    type: Literal["Feature"] = "Feature"
    id: str
    properties: CellPropertiesOut
    geometry: StoredGeometry


class CellsOut(BaseModel):
    """GeoJSON (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellOut]


class PopulationIn(In):
    """People by self-declared community, with who counted them."""

    by_community: dict[Community, Annotated[int, Field(ge=0, le=10**8)]] = Field(min_length=1)
    source: Words


class TiuIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "city": "la-chorrera-demo",
                    "area": "PA110403",
                    "label": "Barrio Balboa norte",
                    "outline": {
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
                    "population": {
                        "by_community": {"refugee": 120, "migrant": 340, "host": 2100},
                        "source": "Estimación inventada, 2026",
                    },
                }
            ]
        }
    )

    city: CityCode
    area: PCode = Field(description="The admin-3 area in which the unit lies")
    label: Words = Field(description="The neighbourhood's public name")
    outline: Geometry
    population: PopulationIn | None = None


class TiuOut(Out):
    id: UUID
    created: datetime
    agency: UUID
    city: str
    area: str
    label: str
    cells: list[str]
    outline: StoredGeometry
    population: PopulationIn | None
