from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AccessOut(BaseModel):
    """Who read what of whom. `about` is the person, household or search; `recipient` another agency that read."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(validation_alias="created")
    about: UUID = Field(validation_alias="root")
    subject: UUID
    service: str | None
    action: str
    reference: UUID | None
    recipient: UUID | None


class ChainOut(BaseModel):
    """`broken_seal` is the first that does not hold; absent where the log is whole."""

    seals: int
    entries: int
    broken_seal: int | None
