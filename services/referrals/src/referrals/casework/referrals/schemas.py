"""The requests and responses of the referrals API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.urgency import Urgency
from solidary.language.external_ids import ExternalIds
from solidary.language.strict import StrictModel
from solidary.platform.external_ids import HasExternalIds

from referrals.casework.referrals.rules import ReferralState

Comment: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
ReferralPurpose: TypeAlias = Literal["service", "cash"]


class SendReferralIn(StrictModel):
    """The service to which a draft is sent, and the consent that covers its person and package."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "consent_id": "e29b1c84-6f07-4d3a-8b15-92a4c6d0e7f3",
                    "package_id": "b5a8d3f0-1c72-4e96-a84b-3f60e9d7c215",
                    "urgency": "urgent",
                }
            ]
        }
    )

    service_id: UUID
    consent_id: UUID
    package_id: UUID
    urgency: Urgency = Urgency.NORMAL
    although_full: bool = Field(
        default=False, description="Send the referral although the service reported that it is full"
    )


class ReferralIn(SendReferralIn):
    """A new referral of a person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "consent_id": "e29b1c84-6f07-4d3a-8b15-92a4c6d0e7f3",
                    "package_id": "b5a8d3f0-1c72-4e96-a84b-3f60e9d7c215",
                    "person_id": "7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11",
                    "urgency": "normal",
                }
            ]
        }
    )

    person_id: UUID
    purpose: ReferralPurpose = "service"
    external_ids: ExternalIds = ()


class RejectReferralIn(StrictModel):
    """The receiver's reason for a rejection."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reason": "no_capacity", "comment": "No hay cupo hasta febrero; la escuela vecina recibe."}
            ]
        }
    )

    reason: RejectionReason
    comment: Comment = Field(
        description="Advice for the sender about the service; it contains no facts about the person"
    )


class CompleteReferralIn(StrictModel):
    """The outcome of a completed referral."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "service_provided"}]})

    outcome: ReferralOutcome


class FailReferralIn(StrictModel):
    """The reason for which a referral cannot be completed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "unreachable"}]})

    reason: RejectionReason


class CancelReferralIn(StrictModel):
    """The sender's reason for cancelling a referral."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "not_needed"}]})

    reason: Literal["person_declined", "not_needed", "duplicate", "other"]


class ReferralOut(HasExternalIds):
    """The fields of a referral that both parties see."""

    model_config = ConfigDict(from_attributes=True)

    referral_id: UUID = Field(validation_alias="id")
    state: ReferralState
    purpose: ReferralPurpose
    service_id: UUID | None
    urgency: Urgency
    requested_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    comment: str | None
    outcome: str | None


class SentReferralOut(ReferralOut):
    """A referral as its sender sees it."""

    role: Literal["sender"] = "sender"
    person_id: UUID
    consent_id: UUID | None
    package_id: UUID | None
    receiver: UUID | None
    replaces: UUID | None = Field(description="The rejected referral that this one replaces")


class ReceivedReferralOut(ReferralOut):
    """A referral as its receiver sees it; the person is only in the package."""

    role: Literal["receiver"] = "receiver"
    sender: UUID = Field(validation_alias="agency")


class ReferralStepOut(BaseModel):
    """A change of a referral's state."""

    model_config = ConfigDict(from_attributes=True)

    from_state: ReferralState | None
    to_state: ReferralState
    code: str | None
    by_agency: UUID
    at: datetime = Field(validation_alias="created")


class ReferralDecisionOut(BaseModel):
    """The receiver's decision on a referral."""

    model_config = ConfigDict(from_attributes=True)

    decision_id: UUID = Field(validation_alias="id")
    referral_id: UUID
    answer: Literal["accepted", "rejected"]
    reason: str | None
    at: datetime = Field(validation_alias="created")


class ReferralPreviewOut(BaseModel):
    """The coded facts that the receiver may know before accepting, from intake. Null: not covered by the consent."""

    referral_id: UUID
    needs: list[str] | None
    age_band: str | None
    language: str | None


class CashReferralOut(BaseModel):
    """An accepted referral for cash, for the cash service."""

    consent_id: UUID
    package_id: UUID
    receiver: UUID
    accepted_by: UUID = Field(description="The person who accepted the referral.")


class ReferralPackageOut(BaseModel):
    """The facts about the person that the consent lets the receiver know, from intake. They are not stored here."""

    referral_id: UUID
    person_id: UUID
    data: dict[str, Any]
