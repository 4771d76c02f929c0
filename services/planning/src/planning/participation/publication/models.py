"""The public version of a plan as an entity."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import Published, RecordColumn, timestamp
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.plans.records import DiagnosisRecord
from planning.participation.publication.records import PublishedActionsRecord


class PublishedPlan(Published):
    """The public version of a plan, replaced at each step that concerns the public."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str]
    tiu: Mapped[str]
    """The public name of the Territorial Intervention Unit."""
    area: Mapped[str]
    state: Mapped[str]
    diagnosis: Mapped[DiagnosisRecord | None] = mapped_column(RecordColumn(DiagnosisRecord))
    actions: Mapped[PublishedActionsRecord] = mapped_column(RecordColumn(PublishedActionsRecord))
    act_number: Mapped[str | None]
    updated: Mapped[timestamp]
