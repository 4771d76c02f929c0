from __future__ import annotations

from datetime import date
from typing import Any

from solidary.platform.database import AgencyEntity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class DemandReport(AgencyEntity):
    """A month as it was published; once, and never counted again. `tables` with what is withheld stays here."""

    __tablename__ = "demand_report"

    period_start: Mapped[date]
    period_end: Mapped[date]
    k: Mapped[int]
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    withheld: Mapped[int]
    tables: Mapped[dict[str, Any]] = mapped_column(JSONB)
