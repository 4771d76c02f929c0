"""Payment plans and their sign-offs. PostgreSQL records the makers, and refuses a second sign-off in a round."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, UnitOfWork, Updated, money
from sqlalchemy import ARRAY, FetchedValue, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from cash.delivery.payment_plans import rules
from cash.delivery.payment_plans.rules import Approval, PaymentPlanState, Plan, PlanActor, PlanStep
from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier

PREPARE = "prepare"
"""The stage of a maker's sign-off, which the database writes when a plan is submitted."""


class SignOff(AgencyEntity):
    """One person's part in one round of a plan, which is its root: the preparation, or an approval at a stage."""

    __tablename__ = "sign_off"

    round: Mapped[int]
    subject: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    stage: Mapped[str]
    content_hash: Mapped[str]

    @property
    def approval(self) -> Approval | None:
        """The approval as a value for the rules; None for the preparation."""
        if self.stage == PREPARE:
            return None
        return Approval(ApprovalStage(self.stage), str(self.subject), self.content_hash)


class PaymentPlan(Updated, Aggregate):
    """The payments of a programme in a cycle. `excluded_count` is the number of enrolled households without one."""

    __tablename__ = "payment_plan"
    __location__: ClassVar = "/payment-plans/{id}"

    programme_id: Mapped[UUID]
    budget_line_id: Mapped[UUID]
    cycle: Mapped[str]
    purpose: Mapped[str]
    fsp: Mapped[str]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=FetchedValue())
    round: Mapped[int] = mapped_column(server_default=FetchedValue())
    total: Mapped[money] = mapped_column(server_default=FetchedValue())
    payment_count: Mapped[int] = mapped_column(server_default=FetchedValue())
    excluded_count: Mapped[int] = mapped_column(server_default=FetchedValue())
    content_hash: Mapped[str | None] = mapped_column(server_default=FetchedValue())
    created_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    rule_author: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())
    debtor_id: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())
    submitted_by: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())
    makers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=FetchedValue())
    last_changed: Mapped[datetime] = mapped_column(server_default=FetchedValue())

    def take_step(self, step: PlanStep, actors: Collection[PlanActor]) -> None:
        """Change the state by a step that one of `actors` takes. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state = rules.take_step(self._facts(), step, actors).state
        if step is PlanStep.REJECT:
            self.submitted_by = None

    def require_step(self, step: PlanStep, actors: Collection[PlanActor]) -> None:
        """Raise as `take_step` would, without a change."""
        rules.take_step(self._facts(), step, actors)

    def populate(self, by: UUID) -> None:
        """Change the state to populated. Raises TransitionNotAllowed."""
        self.state = rules.populate(self._facts(), by=str(by)).state

    def record_counts(self, *, payments: int, enrolled: int) -> None:
        """Record the number of payments, and of enrolled households without one."""
        self.payment_count, self.excluded_count = payments, enrolled - payments

    def entitle(self, *, by: UUID, rule_author: UUID, content_hash: str, total: int) -> None:
        """Record the computed amounts. Raises TransitionNotAllowed."""
        entitled = rules.entitle(
            self._facts(), by=str(by), rule_author=str(rule_author), content_hash=content_hash, total=total
        )
        self.state, self.content_hash, self.total = entitled.state, content_hash, total
        self.rule_author = rule_author

    def submit(self, by: UUID, actors: Collection[PlanActor]) -> None:
        """Submit the plan; the database begins the round and signs off for the makers.

        Raises TransitionNotAllowed, ActorNotAllowed, PlanWithoutPayments.
        """
        self.state = rules.submit(self._facts(), by=str(by), actors=actors).state

    def require_approver(self, sign_offs: Sequence[SignOff], stage: ApprovalStage, by: UUID) -> None:
        """Raise as `approve` would for this person, without a change."""
        rules.require_approver(self._facts(sign_offs), stage, by=str(by))

    def require_independent(self, by: UUID) -> None:
        """Check that this person made nothing of the plan, so that they may take its file. Raises MakerOrders."""
        rules.require_independent(self._facts(), by=str(by))

    def require_orderer(self, by: UUID) -> None:
        """Check that this person may take the plan's order now. Raises TransitionNotAllowed, MakerOrders."""
        rules.require_orderer(self._facts(), by=str(by))

    def dispatch(self, by: UUID) -> None:
        """Record that a releaser takes the order; their duty was checked when they asked. Raises as above."""
        self.require_orderer(by)
        self.take_step(PlanStep.DISPATCH, (PlanActor.RELEASER,))

    def approve(
        self,
        sign_offs: Sequence[SignOff],
        stage: ApprovalStage,
        *,
        by: UUID,
        content_hash: str,
        tiers: Sequence[ApprovalTier],
        least_tiers: Sequence[ApprovalTier] = (),
    ) -> PaymentPlanState:
        """Return the state after one more approval. `sign_offs`: all that the plan has.

        Raises TransitionNotAllowed, ApproverPreparedPlan, AlreadyApproved, PaymentsChanged.
        """
        facts = self._facts(sign_offs)
        return rules.approve(
            facts, stage, by=str(by), content_hash=content_hash, tiers=tiers, least_tiers=least_tiers
        ).state

    def _facts(self, sign_offs: Sequence[SignOff] = ()) -> Plan:
        approvals = [each.approval for each in sign_offs if each.round == self.round]
        return Plan(
            makers=frozenset(map(str, self.makers)),
            state=PaymentPlanState(self.state),
            total=self.total,
            content_hash=self.content_hash,
            round=self.round,
            approvals=tuple(approval for approval in approvals if approval is not None),
        )


async def sign_offs_of(unit: UnitOfWork, plan: UUID) -> Sequence[SignOff]:
    """Return the sign-offs of a plan in their order, round by round."""
    query = select(SignOff).where(SignOff.root == plan).order_by(SignOff.created, SignOff.id)
    return (await unit.session.scalars(query)).all()
