"""The API schemas of the access log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AccessOut(BaseModel):
    """One access: who read what about whom.

    `about` is the person, household or search; `recipient` is another agency that read.
    """

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(validation_alias="created")
    about: UUID = Field(validation_alias="root")
    subject: UUID
    service: str | None
    action: str
    reference: UUID | None
    recipient: UUID | None


class ChainOut(BaseModel):
    """The state of the chain of seals. `broken_seal` is the first invalid seal; null where all are valid."""

    seals: int
    entries: int
    broken_seal: int | None
