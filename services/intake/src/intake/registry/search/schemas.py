"""The API schemas of searches."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from intake.fields import Name, PastDay, RequestBody, require_number
from intake.registry.people.rules import RegistrationState
from intake.registry.search.records import SearchRecord
from intake.registry.search_index.rules import KnownDocument, PersonDescription

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]
DocumentNumber = Annotated[Number, AfterValidator(require_number)]


class SearchIn(RequestBody):
    """The attributes of the person to search for. More attributes give a more certain result."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"given_name": "Ana", "surname": "Ejemplo Prueba", "born": "1991-04-12"}]
        }
    )

    given_name: Name | None = None
    surname: Name | None = Field(default=None, description="One or both surnames.")
    born: PastDay | None = None
    sex: Annotated[str, StringConstraints(pattern="^(female|male|other|unknown)$")] | None = None
    document: DocumentNumber | None = None
    telephone: Number | None = None

    @model_validator(mode="after")
    def _require_identifying_attribute(self) -> SearchIn:
        if not (self.given_name or self.surname or self.document or self.telephone):
            raise ValueError("Give a name, a document or a telephone.")
        return self

    def to_description(self) -> PersonDescription:
        """Return the description to search for."""
        return PersonDescription(
            given_name=self.given_name or "",
            surname=self.surname or "",
            born=self.born,
            sex=self.sex or "",
            documents=(KnownDocument(self.document),) if self.document else (),
            telephones=(self.telephone,) if self.telephone else (),
        )


class MatchReason(BaseModel):
    """A part of the comparison: the bits of evidence for (or, negative, against) one person."""

    model_config = ConfigDict(from_attributes=True)

    part: str
    bits: float
    because: str


class MatchCandidate(BaseModel):
    """A person of the caller's own agency. `probable`: more likely the same person than another."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    household_id: UUID
    state: RegistrationState
    name: str
    born: date | None
    score: float
    probable: bool
    reasons: list[MatchReason]


class SearchOut(BaseModel):
    """The result of a search in the own agency. Send `search_id` with the registration."""

    search_id: UUID
    candidates: list[MatchCandidate]

    @classmethod
    def of(cls, search_id: UUID, result: SearchRecord) -> SearchOut:
        """Return the schema of a stored result."""
        return cls(
            search_id=search_id,
            candidates=[MatchCandidate.model_validate(candidate) for candidate in result.candidates],
        )
