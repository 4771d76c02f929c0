from __future__ import annotations

from solidary.database import AgencyEntity
from sqlalchemy.orm import Mapped


class StatusReport(AgencyEntity):
    """One file that was read. `contradictions`: reports that what is settled rules out; somebody must look."""

    __tablename__ = "status_report"

    sha256: Mapped[str]
    message: Mapped[str]
    version: Mapped[str]
    matched: Mapped[int]
    unmatched: Mapped[int]
    contradictions: Mapped[int]
