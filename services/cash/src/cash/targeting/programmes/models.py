"""The entities of programmes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, RecordColumn, RecordedBy, UnitOfWork, money
from sqlalchemy import FetchedValue, select
from sqlalchemy.orm import Mapped, mapped_column

from cash.engines.entitlement.rule import Rule, compile_rule
from cash.targeting.programmes.records import DebtorRecord, RuleRecord
from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier


class Programme(Aggregate):
    """A programme of the agency that runs it. `budget_line_id` may be another agency's line that it may draw on.

    `rule` is the entitlement rule, written by `rule_author`. `account_rest_days` holds where it is more than what the
    agency demands.
    """

    __tablename__ = "programme"
    __location__: ClassVar = "/programmes/{id}"

    name: Mapped[str]
    purpose: Mapped[str]
    budget_line_id: Mapped[UUID]
    currency: Mapped[str]
    fsp: Mapped[str]
    rule: Mapped[RuleRecord] = mapped_column(RecordColumn(RuleRecord))
    rule_author: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    takes_referrals: Mapped[bool]
    account_rest_days: Mapped[int | None]

    def compiled_rule(self) -> Rule:
        """Return the entitlement rule, ready to be applied."""
        return compile_rule(self.rule.definition())


class ProgrammeDebtor(RecordedBy, AgencyEntity):
    """The party whose account pays, written by one person. Its root is the programme; the newest one counts."""

    __tablename__ = "programme_debtor"

    debtor: Mapped[DebtorRecord] = mapped_column(RecordColumn(DebtorRecord))

    @property
    def name(self) -> str:
        return self.debtor.name

    @property
    def account_number(self) -> str:
        return self.debtor.account_number

    @property
    def account_type(self) -> str | None:
        return self.debtor.account_type

    @property
    def bic(self) -> str:
        return self.debtor.bic


class ProgrammeApprovalTier(AgencyEntity):
    """The numbers of approvals from a plan's total of `from_total` on. Its root is the programme."""

    __tablename__ = "approval_tier"

    from_total: Mapped[money]
    approvers: Mapped[int]
    authorisers: Mapped[int]
    releasers: Mapped[int]

    @property
    def tier(self) -> ApprovalTier:
        """The tier as a value for the rules."""
        people = {
            ApprovalStage.APPROVE: self.approvers,
            ApprovalStage.AUTHORISE: self.authorisers,
            ApprovalStage.RELEASE: self.releasers,
        }
        return ApprovalTier(self.from_total, people)


async def approval_tiers_of(unit: UnitOfWork, programme: UUID) -> list[ApprovalTier]:
    """Return the approval tiers of a programme."""
    query = select(ProgrammeApprovalTier).where(ProgrammeApprovalTier.root == programme)
    return [each.tier for each in await unit.session.scalars(query)]


async def debtor_of(unit: UnitOfWork, programme: UUID) -> ProgrammeDebtor:
    """Return the debtor that new plans of a programme pay from."""
    query = select(ProgrammeDebtor).where(ProgrammeDebtor.root == programme)
    newest = query.order_by(ProgrammeDebtor.created.desc(), ProgrammeDebtor.id.desc()).limit(1)
    return (await unit.session.scalars(newest)).one()
