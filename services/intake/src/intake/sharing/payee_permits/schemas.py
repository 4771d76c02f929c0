"""The API schemas of permits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.fields import RequestBody
from intake.sharing.payee_permits.rules import MAX_BATCHES

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PayeePermitIn(RequestBody):
    """The payments of an order, as the digests of their batches."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reference": "9f0c2f6e-41d7-4f0e-9f3c-7a51b8e6d204", "batches": ["0" * 64]}]
        }
    )

    reference: UUID = Field(description="The id of the payment order, which the access log will name.")
    batches: Annotated[list[Digest], Field(min_length=1, max_length=MAX_BATCHES)] = Field(
        description="For each batch the SHA-256 of its payments' and packages' ids, 32 bytes a payment, in hex."
    )


class PayeePermitOut(BaseModel):
    """A permit: the service may read each batch once, until then."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    valid_until: datetime
