"""Assessments and what hangs on them. All rows belong to the designing agency; the municipality shares them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from uuid import UUID

from solidary.platform.database import AgencyEntity, money
from sqlalchemy.orm import Mapped

from market.assessments import rules
from market.assessments.rules import LineState, State
from market.engines.sectors.rules import Barrier as WeighedBarrier


class Assessment(AgencyEntity):
    """One rapid market assessment of a city."""

    __tablename__ = "assessment"

    title: Mapped[str]
    area: Mapped[str]
    """P-code of the administrative area."""
    co_lead: Mapped[UUID]
    """The municipality's agency."""
    fielded_from: Mapped[date | None]
    state: Mapped[str]

    def agree(self, by: UUID) -> None:
        self.state = rules.agree(State(self.state), by_owner=by == self.agency)

    def advance(self, to: State) -> None:
        self.state = rules.advance(State(self.state), to)


class Sector(AgencyEntity):
    """What the assessment found of one sector: CIIU Rev. 4, employment in two periods, vacancies."""

    __tablename__ = "sector"

    ciiu: Mapped[str]
    employment_before: Mapped[int]
    employment_after: Mapped[int]
    self_employed_after: Mapped[int]
    vacancies: Mapped[int]

    @property
    def growth(self) -> Fraction | None:
        return rules.growth(self.employment_before, self.employment_after)


class Barrier(AgencyEntity):
    """What stands between people and work in a sector; each factor in thousandths."""

    __tablename__ = "barrier"

    ciiu: Mapped[str]
    kind: Mapped[str]
    scope: Mapped[str]
    severity: Mapped[int]
    share_affected: Mapped[int]
    removability: Mapped[int]

    @property
    def priority(self) -> Fraction:
        """Severity × share affected × removability, 0 to 1."""
        factors = (Fraction(value, 1000) for value in (self.severity, self.share_affected, self.removability))
        return WeighedBarrier(*factors).priority


class PlanLine(AgencyEntity):
    """A line that the assessment proposes for a territorial plan, and planning's answer."""

    __tablename__ = "plan_line"

    assessment_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    title: Mapped[str]
    ciiu: Mapped[str]
    currency: Mapped[str]
    cost_minor: Mapped[money]
    state: Mapped[str]
    reason: Mapped[str | None]
    action_id: Mapped[UUID | None]

    def answered(self, to: LineState, action_id: UUID, reason: str | None = None) -> None:
        self.state = rules.answer(LineState(self.state), to)
        self.action_id, self.reason = action_id, reason
