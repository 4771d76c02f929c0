from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from intake.registry.people.rules import Status
from intake.registry.people.schemas import Name, PastDay, Strict

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]


class SearchIn(Strict):
    """Whatever the person says; the more of it, the surer the answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"given_name": "Ana", "surname": "Ejemplo Prueba", "born": "1991-04-12"}]
        }
    )

    given_name: Name | None = None
    surname: Name | None = Field(default=None, description="One or both surnames")
    born: PastDay | None = None
    sex: Annotated[str, StringConstraints(pattern="^(female|male|other|unknown)$")] | None = None
    document: Number | None = None
    telephone: Number | None = None

    @model_validator(mode="after")
    def _asks_for_somebody(self) -> SearchIn:
        if not (self.given_name or self.surname or self.document or self.telephone):
            raise ValueError("give a name, a document or a telephone")
        return self


class Reason(BaseModel):
    """One part of the comparison: bits for (or, negative, against) both being one person."""

    part: str
    bits: float
    because: str


class Candidate(BaseModel):
    """Somebody of the caller's own agency. `probable`: more likely the same person than not."""

    person_id: UUID
    household_id: UUID
    status: Status
    name: str
    born: date | None
    score: float
    probable: bool
    reasons: list[Reason]


class SearchOut(BaseModel):
    """Pass `search_id` on when registering. Of other agencies it is told only that there may be a match."""

    search_id: UUID
    candidates: list[Candidate]
    possible_match_elsewhere: bool
