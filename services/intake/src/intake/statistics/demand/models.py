"""Published demand reports, and the territorial units by which people are counted."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import Aggregate, Published, RecordColumn
from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.statistics.demand.records import CellsRecord, TablesRecord


class DemandReport(Aggregate):
    """The demand of a month, published once and never counted again.

    `tables` includes the withheld figures and never leaves this service.
    """

    __tablename__ = "demand_report"
    __location__ = "/demand-reports/{id}"

    period_start: Mapped[date]
    period_end: Mapped[date]
    k: Mapped[int]
    cells: Mapped[CellsRecord] = mapped_column(RecordColumn(CellsRecord))
    withheld: Mapped[int]
    tables: Mapped[TablesRecord] = mapped_column(RecordColumn(TablesRecord))


class Tiu(Published):
    """A Territorial Intervention Unit, as planning published it: its public name, its area and its grid cells."""

    __tablename__ = "tiu"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str]
    area: Mapped[str]
    cells: Mapped[list[str]] = mapped_column(ARRAY(Text))
