"""The requests and answers of the API about Territorial Intervention Units."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from solidary.language.codes.people import Community

from planning.schemas import Name, RequestBody, ResponseBody, RowOut
from planning.territory.cities.schemas import CityCode, Geometry, PCode, StoredGeometry


class PopulationIn(RequestBody):
    """People by self-declared community, and who counted them."""

    by_community: dict[Community, Annotated[int, Field(ge=0, le=10**8)]] = Field(min_length=1, max_length=20)
    source: Name


class TiuIn(RequestBody):
    """A new Territorial Intervention Unit."""

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
    area: PCode = Field(description="The P-code of the admin-3 area in which the unit lies.")
    label: Name = Field(description="The public name of the neighbourhood.")
    outline: Geometry
    population: PopulationIn | None = None


class PopulationOut(ResponseBody):
    """People by self-declared community, and who counted them."""

    by_community: dict[str, int]
    source: str


class TiuOut(RowOut):
    """A Territorial Intervention Unit with its cells."""

    agency: UUID
    city: str
    area: str
    label: str
    cells: list[str]
    outline: StoredGeometry
    population: PopulationOut | None
