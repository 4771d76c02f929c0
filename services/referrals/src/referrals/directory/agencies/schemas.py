"""The responses about agencies."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, Field


class AgencyOut(BaseModel):
    """An agency that takes part in this instance."""

    agency_id: UUID = Field(description="The id that consents, shares and referrals name")
    alias: str = Field(description="Its short name, as in the header `Solidary-Agency`", examples=["unhcr"])
    name: str
    country: str = Field(description="The country of the instance", examples=["PA"])
    categories: list[str] = Field(
        description="The categories of its active public services: what it does here", examples=[["shelter"]]
    )
