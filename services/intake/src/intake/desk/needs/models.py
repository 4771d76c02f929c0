from __future__ import annotations

from datetime import date

from solidary.language.codes.need_categories import category_of
from solidary.language.codes.specific_needs import SpecificNeed, load_specific_needs
from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from intake.desk.needs.rules import NeedState
from intake.desk.needs.schemas import NeedIn


class Need(AgencyEntity):
    """An ordinary need; `root` is the person. The database refuses any other tier."""

    __tablename__ = "need"

    code: Mapped[str]
    tier: Mapped[str]
    list_version: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str]
    day: Mapped[date]
    state: Mapped[str]

    @classmethod
    def of(cls, entry: SpecificNeed, said: NeedIn, today: date) -> Need:
        return cls(
            code=entry.code,
            tier=entry.tier,
            list_version=load_specific_needs().version,
            category=said.category or category_of(entry.code),
            severity=said.severity,
            day=said.day or today,
            state=NeedState.OPEN,
        )


class RestrictedNeed(AgencyEntity):
    """What a specialist recorded; only this concept's routes for specialists read it."""

    __tablename__ = "restricted_need"

    code: Mapped[str]
    tier: Mapped[str]
    list_version: Mapped[str]
    severity: Mapped[str]
    note: Mapped[bytes | None]
