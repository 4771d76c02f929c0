from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes import specific_needs
from solidary.language.codes.languages import Language
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.people import AgeBand
from solidary.language.codes.referral_answers import ReferralOutcome, RejectionReason
from solidary.language.codes.urgency import Urgency

from referrals.casework.referrals.rules import State

Comment = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Purpose = Literal["service", "cash"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _ordinary(code: str) -> str:
    """A category of services, or an ordinary need; never one that its specialist keeps."""
    if code not in specific_needs.load_specific_needs().suggestible_codes() and code not in set(NeedCategory):
        raise ValueError("no preview carries this code")
    return code


class PreviewIn(Strict):
    """All that the receiver sees before accepting."""

    need: Annotated[
        str,
        StringConstraints(pattern=r"^([a-z][a-z_]{2,39}|[A-Z]{2}-[A-Z]{2,4})$"),
        AfterValidator(_ordinary),
    ]
    age_band: AgeBand | None = None
    language: Language | None = None


class SendIn(Strict):
    """Where a draft goes, and under which consent. The person and the package are those of the consent."""

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
    although_full: bool = Field(default=False, description="Send it although the service said it is full")


class ReferralIn(SendIn):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "consent_id": "e29b1c84-6f07-4d3a-8b15-92a4c6d0e7f3",
                    "package_id": "b5a8d3f0-1c72-4e96-a84b-3f60e9d7c215",
                    "person_id": "7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11",
                    "urgency": "normal",
                    "preview": {"need": "education", "age_band": "5-11", "language": "spa"},
                }
            ]
        }
    )

    person_id: UUID
    purpose: Purpose = "service"
    preview: PreviewIn


class RejectIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reason": "no_capacity", "comment": "No hay cupo hasta febrero; la escuela vecina recibe."}
            ]
        }
    )

    reason: RejectionReason
    comment: Comment = Field(description="So that the sender knows what to do next; nothing of the person")


class CompleteIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "service_provided"}]})

    outcome: ReferralOutcome


class FailIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "unreachable"}]})

    reason: RejectionReason


class CancelIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "not_needed"}]})

    reason: Literal["person_declined", "not_needed", "duplicate", "other"]


class PreviewOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    need: str | None
    age_band: str | None
    language: str | None


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    referral_id: UUID = Field(validation_alias="id")
    state: State
    purpose: Purpose
    service_id: UUID | None
    urgency: Urgency
    preview: PreviewOut
    requested_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    comment: str | None
    outcome: str | None


class SentOut(_Shown):
    """A referral as its sender sees it."""

    side: Literal["sender"] = "sender"
    person_id: UUID
    consent_id: UUID | None
    package_id: UUID | None
    receiver: UUID | None
    replaces: UUID | None = Field(description="The rejected referral that this one takes the place of")


class ReceivedOut(_Shown):
    """A referral as its receiver sees it: who it is about stands in the package."""

    side: Literal["receiver"] = "receiver"
    sender: UUID = Field(validation_alias="agency")


class StepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    from_state: State | None
    to_state: State
    code: str | None
    by_agency: UUID
    at: datetime = Field(validation_alias="created")


class DecisionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    decision_id: UUID = Field(validation_alias="id")
    referral_id: UUID
    answer: Literal["accepted", "rejected"]
    reason: str | None
    at: datetime = Field(validation_alias="created")


class PackageOut(BaseModel):
    """What intake lets the receiver know under the consent. Nobody keeps it here."""

    referral_id: UUID
    person_id: UUID
    data: dict[str, Any]
