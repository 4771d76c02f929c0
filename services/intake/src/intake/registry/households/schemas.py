from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.registry.people.schemas import PersonListed, Strict

AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,12}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Minor = Annotated[int, Field(ge=0, le=10**15, description="Minor units of the country's currency, a month")]


class HouseholdIn(Strict):
    """`area` is the P-code of the smallest area known; `cell` the grid cell, where the desk knows it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"area": "PA110403", "shelter": "rented_room", "own_income": 18000}]}
    )

    area: AreaCode
    cell: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{15}$")] | None = Field(
        default=None, description="H3 index"
    )
    shelter: Code | None = Field(default=None, examples=["rented_room"])
    own_income: Minor = 0
    other_aid: Minor = 0


class HouseholdOut(BaseModel):
    household_id: UUID
    version: int
    area: str
    cell: str | None
    shelter: str | None
    own_income: int
    other_aid: int
    members: list[PersonListed]
