"""What our own services get, for an agency that a consent names."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.registry.people.schemas import Document, Payout, Strict


class PackageOut(BaseModel):
    package_id: UUID
    consent_id: UUID
    purpose: str
    person_id: UUID
    household_id: UUID
    data: dict[str, Any]


class ProfileOut(BaseModel):
    """A household in codes, without names. Amounts a month, in minor units of `currency`."""

    household_id: UUID
    version: int
    payout_version: int = Field(
        description="Of where the consent's person is paid; 0 while that is not known"
    )
    size: int
    age_bands: dict[str, int] = Field(description="UNHCR age band → members; `unknown` for an unknown birth")
    disability: int = Field(description="Members with a functional difficulty (Washington Group)")
    shelter: str | None
    area: str
    own_income: int
    other_aid: int
    currency: str


class PayeesIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"package_ids": ["b5a8d3f0-1c72-4e96-a84b-3f60e9d7c215"]}]}
    )

    package_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class PayeeOut(BaseModel):
    """Who is paid and where. `payout` is absent until the desk has asked the person."""

    package_id: UUID
    household_id: UUID
    person_id: UUID
    name: str
    payout: Payout | None
    payout_version: int
    document: Document | None
