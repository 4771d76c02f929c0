"""The retention runs of an agency."""

from __future__ import annotations

from datetime import date

from solidary.platform.database import Aggregate, RecordColumn, Updated, timestamp
from sqlalchemy.orm import Mapped, mapped_column

from intake.rights.retention.records import CountsRecord


class RetentionRun(Updated, Aggregate):
    """The announcement of an erasure, and what was erased on its day. `erased` is null until then."""

    __tablename__ = "retention_run"

    execute_on: Mapped[date]
    announced: Mapped[CountsRecord] = mapped_column(RecordColumn(CountsRecord))
    erased: Mapped[CountsRecord | None] = mapped_column(RecordColumn(CountsRecord))
    finished: Mapped[timestamp | None]
