"""The requests and answers of the API about needs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.people import Community
from solidary.language.codes.perspectives import Perspective

from planning.schemas import RequestBody, ResponseBody, RowOut, Text


class EvidenceIn(RequestBody):
    """The evidence of a need."""

    kind: Literal["workshop", "survey", "focus_group", "administrative", "map"]
    on: date = Field(ge=date(1900, 1, 1), description="A day that has been")
    note: Text
    participants: int | None = Field(default=None, ge=1, le=10**6)


class CommunityNeedIn(RequestBody):
    """A need that a community raised."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "perspective": "housing_habitat",
                    "community": "host",
                    "statement": "El agua llega dos horas al día en la parte alta.",
                    "severity": 4,
                    "evidence": {
                        "kind": "workshop",
                        "on": "2026-09-12",
                        "note": "Taller en la junta comunal",
                        "participants": 34,
                    },
                }
            ]
        }
    )

    perspective: Perspective
    community: Community = Field(description="The community that raised it, as its people call themselves.")
    statement: Text
    severity: int = Field(ge=1, le=5)
    evidence: EvidenceIn


class EvidenceOut(ResponseBody):
    """The evidence of a need."""

    kind: str
    on: date
    note: str
    participants: int | None


class CommunityNeedOut(RowOut):
    """A need of a plan."""

    perspective: str
    community: str
    statement: str
    severity: int
    evidence: EvidenceOut


class NeedsOut(BaseModel):
    """A plan's needs, the most severe first."""

    needs: list[CommunityNeedOut]
