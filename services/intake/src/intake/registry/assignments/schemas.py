"""The API schemas of assignments."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import RequestBody
from intake.registry.assignments.rules import AssignmentRole


class AssignmentIn(RequestBody):
    """A colleague's part in a person's case; `assignee` is the subject of their account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"assignee": "2d6f9f0e-5b0c-4f0a-9d3e-6a1c7b8e4f25", "role": "case_worker"}]
        }
    )

    assignee: UUID
    role: Literal[AssignmentRole.CASE_WORKER, AssignmentRole.TEAM] = AssignmentRole.CASE_WORKER


class AssignmentOut(BaseModel):
    """An assignment: who works with the person, by whom they were assigned, and until when."""

    model_config = ConfigDict(from_attributes=True)

    assignment_id: UUID = Field(validation_alias="id")
    assignee: UUID
    role: str
    assigned_by: UUID = Field(validation_alias="recorded_by")
    since: datetime = Field(validation_alias="created")
    valid_until: datetime | None
