"""The API schemas of consents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes.languages import Language
from solidary.language.validation import at_most

from intake.fields import NeedCode, PastDay, RequestBody
from intake.registry.people.schemas import OfPerson
from intake.sharing.consents.rules import ConsentChannel, ConsentState, LegalBasis, Purpose
from intake.sharing.packages.rules import DataCategory

TextVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
LATEST_END = datetime(2200, 1, 1, tzinfo=UTC)


class ConsentIn(RequestBody):
    """A consent to record.

    `needs` are the codes that the recipient may read, among those recorded. A child's consent names the adult who gives
    it (`given_by`) and the child's `assent`, or the day of the best-interest procedure that replaces both.
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
                    "channel": "in_person",
                    "text_version": "2026-11",
                    "valid_until": "2027-02-05T17:00:00-05:00",
                }
            ]
        }
    )

    person_id: UUID
    purpose: Purpose
    recipient: UUID = Field(description="The agency that may read the package: another one of this instance.")
    categories: Annotated[frozenset[DataCategory], Field(min_length=1, max_length=20), at_most(20)]
    needs: Annotated[tuple[NeedCode, ...], at_most(20)] = Field(default=(), max_length=20)
    basis: LegalBasis = Field(description="One that the country pack allows for the purpose.")
    language: Language = Field(description="The language in which the text was read out.")
    channel: ConsentChannel
    text_version: TextVersion = Field(description="The version of the text that was read out.")
    given_by: UUID | None = None
    assent: bool = Field(default=False, description="The child was asked and agrees.")
    best_interest: PastDay | None = Field(
        default=None, description="The day of the best-interest procedure, in place of a giver and an assent."
    )
    valid_until: Annotated[AwareDatetime, Field(le=LATEST_END)] | None = Field(
        default=None, description="By default the consent ends after the period of the country pack."
    )


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
    best_interest: date | None
    text_version: str
    recorded_by: UUID = Field(description="The user who took the consent.")
    valid_until: datetime
    state: ConsentState
    created: datetime
    ended: datetime | None


class ConsentOfList(OfPerson, ConsentOut):
    """A consent in a user's list, with the person whose it is."""
