"""The market assessment as an entity."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import Aggregate, Updated
from sqlalchemy.orm import Mapped

from market.study.assessments import rules
from market.study.assessments.rules import AssessmentActor, AssessmentState


class Assessment(Updated, Aggregate):
    """A rapid market assessment of a city.

    It belongs to the agency that designed it, as do all rows that depend on it. The municipality has a share in them.
    """

    __tablename__ = "assessment"
    __location__ = "/assessments/{id}"

    title: Mapped[str]
    area: Mapped[str]
    """The P-code of the administrative area."""
    municipality: Mapped[UUID]
    """The agency of the municipality that leads the assessment together with the owner."""
    fieldwork_starts_on: Mapped[date | None]
    state: Mapped[str]

    def actor(self, agency: UUID) -> AssessmentActor:
        """Return the part that an agency with access to the assessment has in it."""
        return AssessmentActor.AGENCY if agency == self.agency else AssessmentActor.MUNICIPALITY

    def agree(self, by: AssessmentActor) -> None:
        """Record the municipality's agreement. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state = rules.agree(AssessmentState(self.state), by)

    def advance(self, to: AssessmentState, by: AssessmentActor) -> None:
        """Take the next step. Raises NotAllowed."""
        self.state = rules.advance(AssessmentState(self.state), to, by)
