"""Procedures of people on legal pathways."""

from __future__ import annotations

from datetime import date, datetime

from solidary.platform.database import timestamp
from sqlalchemy.orm import Mapped

from intake.desk.procedures.rules import PROCEDURE_TRANSITIONS, ProcedureActor, ProcedureState
from intake.registry.people.models import PersonPart


class Procedure(PersonPart):
    """A person's procedure.

    `pathway` is the id of a pathway of the country pack; `deadline` is its last day for this person.
    """

    __tablename__ = "procedure"
    __location__ = "/people/{root}/procedures/{id}"

    pathway: Mapped[str]
    state: Mapped[str]
    since: Mapped[timestamp]
    deadline: Mapped[date | None]

    def change_state(self, to: ProcedureState, now: datetime) -> None:
        """Record the next state. Raises TransitionNotAllowed."""
        state = ProcedureState(self.state)
        self.state = PROCEDURE_TRANSITIONS.move(state, to, (ProcedureActor.DESK,))
        self.since = now
