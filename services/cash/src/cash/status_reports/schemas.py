from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class StatusReportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    message: str = Field(examples=["pain.002"])
    version: str = Field(examples=["001.12"])
    matched: int = Field(description="Reports on payments of ours")
    unmatched: int = Field(description="Reports on payments that are not known here")
    contradictions: int = Field(description="Reports against what is settled: somebody must look")
