from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from solidary.language.codes.languages import Language

from intake.desk.needs.schemas import NeedCode
from intake.registry.households.schemas import Code
from intake.registry.people.schemas import Strict
from intake.sharing.consents.rules import Basis, Category, Purpose, State

LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class ConsentIn(Strict):
    """`needs`: the codes that the recipient may know, of those recorded. `given_by`: the adult, for a child."""

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
    recipient: UUID = Field(description="The agency that may fetch the package")
    categories: Annotated[frozenset[Category], Field(min_length=1)]
    needs: tuple[NeedCode, ...] = Field(default=(), max_length=20)
    basis: Basis
    language: Language = Field(default=Language.SPANISH, description="In which it was explained")
    channel: Code = Field(default="in_person", description="How it was given")
    given_by: UUID | None = None
    assent: bool = Field(default=False, description="The child was asked and agrees")
    valid_until: Annotated[AwareDatetime, Field(le=LATEST)] | None = None


class ConsentOut(BaseModel):
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
    state: State
    created: datetime
    ended: datetime | None
