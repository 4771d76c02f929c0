from __future__ import annotations

from datetime import date

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from intake.desk.visits.schemas import VisitOut
from intake.registry.encryption.rules import Seal


class Visit(AgencyEntity):
    """`root` is the person; the note is sealed with their key."""

    __tablename__ = "visit"

    day: Mapped[date]
    centre: Mapped[str]
    reason: Mapped[str]
    note: Mapped[bytes | None]

    def shown(self, seal: Seal) -> VisitOut:
        note = seal.open("visit note", self.note) if self.note else None
        return VisitOut(visit_id=self.id, day=self.day, centre=self.centre, reason=self.reason, note=note)
