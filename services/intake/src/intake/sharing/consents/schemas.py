"""The API schemas of consents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from solidary.language.codes.languages import Language

from intake.fields import LocalCode, NeedCode, RequestBody
from intake.sharing.consents.rules import ConsentState, LegalBasis, Purpose
from intake.sharing.packages.rules import DataCategory

LATEST_END = datetime(2200, 1, 1, tzinfo=UTC)


class ConsentIn(RequestBody):
    """A consent to record.

    `needs` are the codes that the recipient may read, among those recorded. `given_by` is the adult who gives the
    consent of a child.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11",
                    "purpose": "referral",
                    "recipient": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806",
                    "categories": ["name", "contact", "language"],
                    "basis": "consent",
                    "language": "spa",
                    "valid_until": "2027-02-05T17:00:00-05:00",
                }
            ]
        }
    )

    person_id: UUID
    purpose: Purpose
    recipient: UUID = Field(description="The agency that may read the package.")
    categories: Annotated[frozenset[DataCategory], Field(min_length=1, max_length=20)]
    needs: tuple[NeedCode, ...] = Field(default=(), max_length=20)
    basis: LegalBasis
    language: Language = Field(
        default=Language.SPANISH, description="The language in which it was explained."
    )
    channel: LocalCode = Field(
        default="in_person", description="A code for the way in which the consent was given."
    )
    given_by: UUID | None = None
    assent: bool = Field(default=False, description="The child was asked and agrees.")
    valid_until: Annotated[AwareDatetime, Field(le=LATEST_END)] | None = None


class ConsentOut(BaseModel):
    """A consent as it was recorded."""

    model_config = ConfigDict(from_attributes=True)

    consent_id: UUID = Field(validation_alias="id")
    package_id: UUID
    person_id: UUID
    household_id: UUID
    purpose: str
    recipient: UUID
    categories: list[str]
    basis: str
    language: str
    channel: str
    given_by: UUID | None
    assent: bool
    valid_until: datetime | None
    state: ConsentState
    created: datetime
    ended: datetime | None
