"""The API schema of a retention run."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field


class RetentionRunOut(BaseModel):
    """The numbers of records by their kind: announced before, and erased on the day."""

    retention_run_id: UUID
    announced_at: datetime
    execute_on: date = Field(description="The day on which it is erased; a legal hold until then keeps it.")
    announced: dict[str, int]
    erased: dict[str, int] | None
    finished: datetime | None
