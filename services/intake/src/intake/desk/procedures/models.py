from __future__ import annotations

from datetime import date, datetime

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy.orm import Mapped

from intake.desk.procedures import states
from intake.desk.procedures.states import State


class Procedure(AgencyEntity):
    """`root` is the person; `route` a route of the country pack; `deadline` its last day for this person."""

    __tablename__ = "procedure"

    route: Mapped[str]
    state: Mapped[str]
    since: Mapped[timestamp]
    deadline: Mapped[date | None]

    def move(self, to: State, now: datetime) -> None:
        self.state, self.since = states.move(State(self.state), to), now
