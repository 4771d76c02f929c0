"""The API schemas of erasures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import RequestBody
from intake.rights.erasures.rules import ErasureReason


class ErasureIn(RequestBody):
    """The reason of an erasure."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "requested"}]})

    reason: ErasureReason


class ErasureOut(BaseModel):
    """The erasure of a person, of whom nothing else is left."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID = Field(validation_alias="root")
    reason: ErasureReason
    erased: datetime = Field(validation_alias="created")
