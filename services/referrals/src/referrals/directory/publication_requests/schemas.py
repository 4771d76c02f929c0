"""The request and the response of publication requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.strict import StrictModel


class PublicationRequestIn(StrictModel):
    """The reason for which an entry is no longer confidential."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "El servicio se mudó y atiende al público desde marzo."}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class PublicationRequestOut(BaseModel):
    """A request to publish an entry, with the people who made and confirmed it."""

    model_config = ConfigDict(from_attributes=True)

    publication_request_id: UUID = Field(validation_alias="id")
    service_id: UUID = Field(validation_alias="root")
    reason: str
    requested_by: UUID
    created: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
