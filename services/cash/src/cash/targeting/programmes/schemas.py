"""The requests and answers of the API about programmes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.external_ids import ExternalIds
from solidary.language.strict import StrictModel
from solidary.platform.external_ids import HasExternalIds

from cash.engines.bank_messages.orders import AccountType
from cash.engines.entitlement.definition import RuleDefinition
from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier

Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]{0,39}$")]


class DebtorAccountIn(StrictModel):
    """The account that pays."""

    number: str = Field(min_length=1, max_length=34)
    type: AccountType | None = None


class DebtorIn(StrictModel):
    """The party whose account pays. It is a part of every payment order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Agencia de ejemplo", "account": {"number": "EJEMPLO0001"}, "bic": "NACNPAPA"}
            ]
        }
    )

    name: str = Field(min_length=1, max_length=140, examples=["OIM Panama"])
    account: DebtorAccountIn
    bic: str = Field(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", examples=["NACNPAPA"])


class ApprovalTierIn(StrictModel):
    """The number of people who must approve at each stage, for plans with this total or more."""

    from_total: int = Field(ge=0, le=10**15, description="Minor units")
    approvers: int = Field(default=1, ge=1, le=9)
    authorisers: int = Field(default=1, ge=1, le=9)
    releasers: int = Field(default=1, ge=1, le=9)

    @classmethod
    def of(cls, tier: ApprovalTier) -> ApprovalTierIn:
        """Return the schema of a tier."""
        people = tier.people
        return cls(
            from_total=tier.from_total,
            approvers=people[ApprovalStage.APPROVE],
            authorisers=people[ApprovalStage.AUTHORISE],
            releasers=people[ApprovalStage.RELEASE],
        )


class ProgrammeIn(StrictModel):
    """A new programme."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Alquiler seguro, La Chorrera",
                    "purpose": "rent",
                    "budget_line_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "fsp": "yappy",
                    "debtor": {
                        "name": "Agencia de ejemplo",
                        "account": {"number": "EJEMPLO0001"},
                        "bic": "NACNPAPA",
                    },
                    "rule": {
                        "name": "Rent support",
                        "version": 1,
                        "currency": "USD",
                        "columns": {"household_size": "whole"},
                        "amount": {
                            "kind": "table",
                            "rows": [
                                {"household_size": "1-2", "amount": "140.00"},
                                {"household_size": "3+", "amount": "220.00"},
                            ],
                        },
                        "cap": "250.00",
                        "rounding": {"unit": "1.00", "mode": "down"},
                    },
                    "approval_tiers": [{"from_total": 0}, {"from_total": 10000000, "approvers": 2}],
                    "takes_referrals": True,
                }
            ]
        }
    )

    name: str = Field(min_length=3, max_length=200, examples=["Alquiler seguro, La Chorrera"])
    purpose: Code = Field(examples=["rent"])
    budget_line_id: UUID
    fsp: Code = Field(description="The payment provider's short name", examples=["yappy"])
    debtor: DebtorIn
    rule: RuleDefinition
    approval_tiers: list[ApprovalTierIn] = Field(default=[], max_length=9)
    takes_referrals: bool = Field(
        default=False, description="Households of cash referrals that your agency accepts are enrolled here"
    )
    account_rest_days: int | None = Field(
        default=None,
        ge=0,
        le=90,
        description="Days for which a changed account is not paid, where they are more than your agency demands",
    )
    external_ids: ExternalIds = ()


class ProgrammeOut(HasExternalIds):
    """A programme."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    name: str
    purpose: str
    budget_line_id: UUID
    currency: str
    fsp: str
    rule_author: UUID
    takes_referrals: bool
    account_rest_days: int | None


class DebtorOut(BaseModel):
    """The party whose account pays, as it was written or corrected."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    written_by: UUID = Field(validation_alias="recorded_by")
    name: str
    account_number: str
    account_type: str | None
    bic: str
