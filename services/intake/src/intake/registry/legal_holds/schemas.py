"""The API schemas of legal holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.fields import RequestBody
from intake.registry.legal_holds.rules import HoldKind


class LegalHoldIn(RequestBody):
    """A hold for proceedings: a complaint, an investigation, a court."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "complaint_pending", "until": "2199-12-31"}]}
    )

    reason: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")] = Field(
        description="A code of the agency, without anything about the person."
    )
    until: Annotated[date, Field(le=date(2200, 1, 1), description="The last day of the hold.")]


class LegalHoldOut(BaseModel):
    """A hold as it was placed. It is in force through `until`, unless it was lifted."""

    model_config = ConfigDict(from_attributes=True)

    legal_hold_id: UUID = Field(validation_alias="id")
    kind: HoldKind
    until: date
    reason: str | None
    created: datetime
    lifted: datetime | None
