"""The requests and answers of the API about payment controls."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator
from solidary.language.strict import StrictModel

from cash.targeting.programmes.schemas import ApprovalTierIn


class PaymentControlIn(StrictModel):
    """The demands of an agency on all its programmes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"account_rest_days": 7, "least_tiers": [{"from_total": 10000000, "approvers": 2}]}]
        },
    )

    account_rest_days: int = Field(
        ge=0,
        le=90,
        description="Days for which a changed account is not paid, unless a second person confirmed it",
    )
    least_tiers: list[ApprovalTierIn] = Field(
        max_length=9, description="The least approvals of every plan, whatever its programme's tiers are"
    )

    @field_validator("least_tiers")
    @classmethod
    def _require_different_totals(cls, tiers: list[ApprovalTierIn]) -> list[ApprovalTierIn]:
        if len({tier.from_total for tier in tiers}) < len(tiers):
            raise ValueError("Two tiers begin at the same total. Give each another `from_total`.")
        return tiers


class PaymentControlOut(BaseModel):
    """The control in force. `set_by` is absent where nobody has set one yet."""

    account_rest_days: int
    least_tiers: list[ApprovalTierIn]
    set_by: UUID | None
    created: datetime | None
