"""The API schemas of disclosures, which only the platform's own services read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from intake.fields import RequestBody
from intake.registry.people.schemas import DocumentOut, PayoutOut
from intake.sharing.payee_permits.rules import BATCH_SIZE, MAX_BATCHES


class PackageOut(BaseModel):
    """A package; `data` has the fields of the categories that the consent names."""

    package_id: UUID
    consent_id: UUID
    purpose: str
    person_id: UUID
    household_id: UUID
    data: dict[str, Any]


class ConsentUseIn(RequestBody):
    """The case for which a consent is used."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reference": "9f0c2f6e-41d7-4f0e-9f3c-7a51b8e6d204"}]}
    )

    reference: UUID = Field(description="The id of the referral or of the enrolment.")


class ConsentUseOut(BaseModel):
    """The terms of a consent that is in force. They are read when the consent is used, and not kept elsewhere."""

    model_config = ConfigDict(from_attributes=True)

    consent_id: UUID = Field(validation_alias="id")
    package_id: UUID
    person_id: UUID
    household_id: UUID
    purpose: str
    owner: UUID = Field(validation_alias="agency", description="The agency that registered the person.")
    recipient: UUID
    valid_until: datetime | None


class PreviewOut(BaseModel):
    """The coded facts of a package that its recipient may read before it accepts. Null: not covered, or unknown."""

    needs: list[str] | None
    age_band: str | None
    language: str | None


class PaymentFactsOut(BaseModel):
    """The facts that decide by whom and whether a household may be paid."""

    makers: list[UUID] = Field(
        description="The people who wrote the household, its people, the account or the consent."
    )
    is_provisional: bool = Field(description="The person to pay may be registered twice.")
    account_fingerprint: str | None = Field(
        description="A keyed token, equal for equal accounts; null without an account or for a place of collection."
    )
    account_changed: datetime | None = Field(
        description="The latest change of an account that was known before."
    )
    account_confirmed: bool = Field(description="A second person has confirmed the current account.")
    tokens: list[str] = Field(
        description="Keyed tokens of the household's people, equal for the same person in another agency."
    )


class ProfileOut(PaymentFactsOut):
    """A household in codes, without names. Amounts are monthly, in minor units of `currency`."""

    household_id: UUID
    version: int
    payout_version: int = Field(
        description="The version of the consent's person's payout; 0 while it is not known."
    )
    size: int
    age_bands: dict[str, int] = Field(
        description="The number of members by UNHCR age band; `unknown` for an unknown birth."
    )
    disability: int = Field(
        description="The number of members with a functional difficulty (Washington Group)."
    )
    shelter: str | None
    area: str
    own_income: int
    other_aid: int
    currency: str


class PaymentToPayeeIn(RequestBody):
    """A payment that is to be ordered. Its payee cannot be erased until its outcome is known."""

    payment_id: UUID
    package_id: UUID


class PayeesIn(RequestBody):
    """The payments of one batch of a permit; batches are counted from 1 on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "permit_id": "9f0c2f6e-41d7-4f0e-9f3c-7a51b8e6d204",
                    "batch": 1,
                    "payments": [
                        {
                            "payment_id": "7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11",
                            "package_id": "b5a8d3f0-1c72-4e96-a84b-3f60e9d7c215",
                        }
                    ],
                }
            ]
        }
    )

    permit_id: UUID
    batch: int = Field(ge=1, le=MAX_BATCHES)
    payments: Annotated[list[PaymentToPayeeIn], Field(min_length=1, max_length=BATCH_SIZE)]


class PayeeOut(BaseModel):
    """A payee. `payout` is null until the desk has recorded it."""

    package_id: UUID
    household_id: UUID
    person_id: UUID
    name: str
    payout: PayoutOut | None
    payout_version: int
    document: DocumentOut | None


PAYEES = TypeAdapter(list[PayeeOut])
