"""The need as an entity."""

from __future__ import annotations

from solidary.platform.database import AgencyEntity, RecordColumn
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.needs.records import EvidenceRecord


class Need(AgencyEntity):
    """A need that a community raised, from one perspective, with the evidence for it."""

    __tablename__ = "need"

    perspective: Mapped[str]
    community: Mapped[str]
    statement: Mapped[str]
    severity: Mapped[int]
    evidence: Mapped[EvidenceRecord] = mapped_column(RecordColumn(EvidenceRecord))
