"""The requests and answers of the API about rejections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from solidary.language.strict import StrictModel


class RejectionConfirmationIn(StrictModel):
    """The reason why rejected payments are taken to have failed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "The bank confirmed by telephone that nothing was debited."}]
        },
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class ConfirmedRejectionOut(BaseModel):
    """A confirmation that rejected payments of a plan have failed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    confirmed_by: UUID
    payment_count: int
    reason: str
