"""The API schemas of the access log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import RequestBody


class AccessOut(BaseModel):
    """One access: who read or wrote what about whom.

    `about` is the person or the search; `service` is the service through which it happened, or the client id of the
    agency's software that is the subject; `recipient` is another agency for which it was. Where a service acted without
    a human, `cause` is why, and `on_behalf_of` the human whose request led to it.
    """

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(validation_alias="created")
    about: UUID = Field(validation_alias="root")
    subject: UUID = Field(validation_alias="recorded_by")
    action: str
    reason: str | None
    reference: UUID | None
    service: str | None
    cause: str | None
    on_behalf_of: UUID | None
    recipient: UUID | None


class SealComparison(StrEnum):
    """The comparison of a published seal with the seal of that number in the log."""

    SAME = "same"
    DIFFERENT = "different"
    """The log was written again."""
    MISSING = "missing"
    """The end of the log was cut off, or an old copy of the database was put back."""


class VerificationIn(RequestBody):
    """A verification to start: of the seals since the last one, or of the whole log."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"whole": True}]})

    whole: bool = False


@dataclass(frozen=True)
class PublishedSeal:
    """A seal as its event has published it."""

    number: int
    digest: bytes


class ChainOut(BaseModel):
    """The chain of seals, as its newest verification found it.

    All seals up to `verified_seal` are valid, unless `broken_seal` is the first invalid one; null where there is none.
    `verified_at` is null before the first verification.
    `published_seal` is the comparison with the seal that the request names; null where it names none.
    """

    seals: int
    deleted_to_seal: int = Field(
        description="The entries up to this seal were deleted after their retention period; 0 where all are there."
    )
    entries: int = Field(description="The number of entries that were sealed, also of those deleted since.")
    verified_seal: int
    verified_at: datetime | None
    broken_seal: int | None
    published_seal: SealComparison | None
