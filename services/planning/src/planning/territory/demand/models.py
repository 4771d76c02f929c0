"""The read model of demand, made from `intake.demand.counted` and rebuilt by `rebuild territory.demand.projection`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import Published
from sqlalchemy.orm import Mapped, mapped_column


class Demand(Published):
    """One published count of a report; a dimension that was summed over is None."""

    __tablename__ = "demand"

    report: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    period_start: Mapped[date]
    period_end: Mapped[date]
    area: Mapped[str]
    """The P-code of an area, or the id of a Territorial Intervention Unit."""
    category: Mapped[str]
    population_group: Mapped[str | None]
    sex: Mapped[str | None]
    age_band: Mapped[str | None]
    people: Mapped[int]
