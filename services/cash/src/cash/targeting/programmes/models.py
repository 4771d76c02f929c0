from __future__ import annotations

from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork, money
from sqlalchemy import FetchedValue, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cash.delivery.payment_plans.rules import Step
from cash.delivery.payment_plans.rules import Tier as RuleTier
from cash.engines.entitlement.definition import RuleDefinition
from cash.engines.entitlement.rule import Rule, compile_rule


class Programme(AgencyEntity):
    """Belongs to the agency that runs it; `budget_line_id` may be another's that lets it draw.

    `rule` is the transfer value rule as written, by `rule_by`; `debtor` whose account pays.
    """

    __tablename__ = "programme"

    name: Mapped[str]
    purpose: Mapped[str]
    budget_line_id: Mapped[UUID]
    currency: Mapped[str]
    fsp: Mapped[str]
    debtor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rule_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    takes_referrals: Mapped[bool]

    def checked_rule(self) -> Rule:
        return compile_rule(RuleDefinition.model_validate(self.rule))


class Tier(AgencyEntity):
    """From a plan's total of `least` on, so many people say yes at each stage."""

    __tablename__ = "tier"

    least: Mapped[money]
    approve: Mapped[int]
    authorise: Mapped[int]
    release: Mapped[int]

    @property
    def rule(self) -> RuleTier:
        people = {Step.APPROVE: self.approve, Step.AUTHORISE: self.authorise, Step.RELEASE: self.release}
        return RuleTier(self.least, people)


async def tiers_of(unit: UnitOfWork, programme: UUID) -> list[RuleTier]:
    return [tier.rule for tier in await unit.session.scalars(select(Tier).where(Tier.root == programme))]
