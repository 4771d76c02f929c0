"""The API schemas of complaints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.codes.languages import Language

from intake.complaints.cases.rules import ComplaintChannel, ComplaintState, ComplaintStep
from intake.fields import LocalCode, RequestBody

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class ComplaintIn(RequestBody):
    """A complaint or feedback about what happened at a centre.

    `reference` is a random id that the sender makes: the same complaint with the same id is filed once. `contact` may
    be left out, and so may everything that names the person.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "3f0c7c52-6a5e-4d6f-9b0b-0f2f6a4c8a11",
                    "centre_id": "00000000-0000-4000-8000-000000000000",
                    "kind": "attention",
                    "text": "Esperé cuatro horas y nadie me atendió.",
                    "language": "spa",
                }
            ]
        }
    )

    reference: UUID
    centre_id: UUID
    kind: LocalCode
    text: Text
    contact: Contact | None = None
    language: Language = Language.SPANISH


class ReceiptOut(BaseModel):
    """The receipt of a complaint. The code is shown here only: the platform cannot show it again."""

    code: str = Field(examples=["K7QM-2X9F-4TBA-0R5C-W8ND"])
    answer_by: date


class CodeIn(RequestBody):
    """The code of a complaint, in large or small letters, with or without hyphens."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7QM-2X9F-4TBA-0R5C-W8ND"}]})

    code: Code


class AppealIn(CodeIn):
    """An appeal against the answer to a complaint."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "K7QM-2X9F-4TBA-0R5C-W8ND", "text": "Nadie me llamó."}]}
    )

    text: Text


class StatusOut(BaseModel):
    """The status of a complaint by its code: no word of the complaint itself, nor what it is about."""

    state: ComplaintState
    filed_on: date
    answer_by: date | None
    answer: str | None
    answered_on: date | None
    decision: str | None = Field(description="The answer to the appeal.")
    decided_on: date | None
    may_appeal: bool


class ComplaintListed(BaseModel):
    """A complaint in a list."""

    complaint_id: UUID
    centre_id: UUID
    kind: str
    state: ComplaintState
    channel: ComplaintChannel
    language: Language
    filed_at: datetime
    answer_by: date


class EntryOut(BaseModel):
    """An entry of a complaint's history. `by` is an account; what a person without a login wrote has that of nobody."""

    step: ComplaintStep
    at: datetime
    by: UUID
    text: str | None
    contact: str | None


class ComplaintOut(ComplaintListed):
    """A complaint with its history, the oldest entry first."""

    history: list[EntryOut]


class AnswerIn(RequestBody):
    """The words that the person reads with their code."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Gracias por avisarnos. Desde hoy hay otra persona."}]}
    )

    text: Text


class RestrictionIn(RequestBody):
    """The sensitive kind of a complaint that was filed as another one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "staff_conduct"}]})

    kind: LocalCode
