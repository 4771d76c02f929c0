"""The entities of payment controls."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, UnitOfWork, money
from sqlalchemy import FetchedValue, select
from sqlalchemy.orm import Mapped, mapped_column

from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier

DEFAULT_REST_DAYS = 7
"""The rest of a changed account where the agency has set none; the database has the same number."""


class PaymentControl(Aggregate):
    """A control of an agency, set by one person. The newest one is in force."""

    __tablename__ = "payment_control"

    account_rest_days: Mapped[int]
    set_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())


class LeastApprovalTier(AgencyEntity):
    """The least numbers of approvals from a plan's total of `from_total` on. Its root is the control."""

    __tablename__ = "least_approval_tier"

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


async def control_in_force(unit: UnitOfWork) -> PaymentControl | None:
    """Return the acting agency's control; None where none was set."""
    own = select(PaymentControl).where(PaymentControl.agency == unit.principal.agency)
    newest = own.order_by(PaymentControl.created.desc(), PaymentControl.id.desc()).limit(1)
    return (await unit.session.scalars(newest)).first()


async def least_tiers_of(unit: UnitOfWork, control: PaymentControl | None) -> list[ApprovalTier]:
    """Return the least approvals of a control, by their totals."""
    if control is None:
        return []
    query = select(LeastApprovalTier).where(LeastApprovalTier.root == control.id)
    return [each.tier for each in await unit.session.scalars(query.order_by(LeastApprovalTier.from_total))]
