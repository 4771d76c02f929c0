"""The Territorial Intervention Unit as an entity of the agency that drew it."""

from __future__ import annotations

from solidary.platform.database import Aggregate, RecordColumn, Updated
from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from planning.territory.tius.records import PopulationRecord


class Tiu(Updated, Aggregate):
    """A Territorial Intervention Unit; `outline` is WKB in WGS 84, `cells` are ids of the city's cells."""

    __tablename__ = "tiu"
    __location__ = "/tius/{id}"

    city: Mapped[str]
    area: Mapped[str]
    label: Mapped[str]
    outline: Mapped[bytes]
    cells: Mapped[list[str]] = mapped_column(ARRAY(Text))
    population: Mapped[PopulationRecord | None] = mapped_column(RecordColumn(PopulationRecord))
