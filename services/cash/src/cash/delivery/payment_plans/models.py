"""Plans and the signatures under them. PostgreSQL keeps the makers and refuses whoever may not sign."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import NotAllowed
from solidary.platform.database import AgencyEntity, UnitOfWork, money
from sqlalchemy import ARRAY, FetchedValue, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from cash.delivery.payment_plans import rules
from cash.delivery.payment_plans.rules import Plan, PlanState, Step, Tier, Yes
from cash.delivery.payments.sets import Planned


class Signature(AgencyEntity):
    """One person's part in one round of a plan (its root): made it, or said yes at a stage."""

    __tablename__ = "signature"

    round: Mapped[int]
    subject: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    part: Mapped[str]
    content: Mapped[str]


class PaymentPlan(AgencyEntity):
    """A cycle's payments of a programme. `left_out`: enrolled households that it does not pay."""

    __tablename__ = "payment_plan"

    programme_id: Mapped[UUID]
    budget_line_id: Mapped[UUID]
    cycle: Mapped[str]
    purpose: Mapped[str]
    fsp: Mapped[str]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=FetchedValue())
    round: Mapped[int] = mapped_column(server_default=FetchedValue())
    total: Mapped[money] = mapped_column(server_default=FetchedValue())
    payments: Mapped[int] = mapped_column(server_default=FetchedValue())
    left_out: Mapped[int] = mapped_column(server_default=FetchedValue())
    content: Mapped[str | None] = mapped_column(server_default=FetchedValue())
    created_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    formula_by: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())
    submitted_by: Mapped[UUID | None] = mapped_column(server_default=FetchedValue())
    makers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=FetchedValue())

    def move(self, step: Step) -> None:
        """Raises NotAllowed."""
        moved = rules.move(self._facts(), step)
        self.state = moved.state
        if step is Step.REJECT:
            self.submitted_by = None

    def require_way(self, step: Step) -> None:
        """Raises NotAllowed where the step does not lead on from here."""
        rules.move(self._facts(), step)

    def count(self, planned: Planned) -> None:
        self.payments, self.left_out = planned.payments, planned.enrolled - planned.payments

    def entitle(self, *, formula_by: UUID, content: str, total: int) -> None:
        entitled = rules.entitle(self._facts(), by=str(formula_by), content=content, total=total)
        self.state, self.content, self.total = entitled.state, content, total
        self.formula_by = formula_by

    def submit(self, by: UUID) -> None:
        """The database begins the round, and signs for the makers."""
        self.state = rules.submit(self._facts(), by=str(by)).state

    def require_turn(self, stage: Step) -> None:
        """Raises NotAllowed where the plan is not asked for this yes."""
        if rules.STAGES[stage] is not PlanState(self.state):
            raise NotAllowed(f"a plan that is {self.state} cannot {stage}")

    def decide(
        self, given: Sequence[Signature], mine: Signature, content: str, tiers: Sequence[Tier]
    ) -> None:
        """My yes, after those given in this round. Raises NotAllowed, Conflict."""
        yeses = tuple(Yes(Step(each.part), str(each.subject), each.content) for each in given)
        decided = rules.decide(
            self._facts(yeses), Step(mine.part), by=str(mine.subject), content=content, tiers=tiers
        )
        self.state = decided.state

    def _facts(self, yeses: tuple[Yes, ...] = ()) -> Plan:
        return Plan(
            created_by=str(self.created_by),
            formula_by=str(self.formula_by) if self.formula_by else None,
            changed_by=frozenset(map(str, self.makers)),
            state=PlanState(self.state),
            total=self.total,
            content=self.content,
            round=self.round,
            submitted_by=str(self.submitted_by) if self.submitted_by else None,
            yeses=yeses,
        )


async def signatures_of(unit: UnitOfWork, plan: UUID) -> Sequence[Signature]:
    """In their order."""
    query = select(Signature).where(Signature.root == plan).order_by(Signature.created, Signature.id)
    return (await unit.session.scalars(query)).all()
