"""The API schemas of questions about strangers and of inquiries."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import PastDay, RequestBody
from intake.registry.questions.rules import InquiryAnswer, QuestionReason
from intake.registry.search.schemas import SearchIn


class QuestionIn(SearchIn):
    """One person, by a document, a name with a telephone, or two names with the date of birth; and the reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"given_name": "Ana", "surname": "Ejemplo", "born": "1991-04-12", "reason": "registration"}
            ]
        }
    )

    reason: QuestionReason


class QuestionOut(BaseModel):
    """The answer of all other agencies together, and nothing more than that."""

    model_config = ConfigDict(from_attributes=True)

    question_id: UUID = Field(validation_alias="id")
    reason: str
    day: date
    possible_match_elsewhere: bool = Field(validation_alias="matched")


class ReceivedQuestions(BaseModel):
    """The questions of another agency on a day for a reason, and how many of them meant somebody of the own agency."""

    model_config = ConfigDict(from_attributes=True)

    asked_by: UUID
    day: date
    reason: str
    questions: int
    matching: int


class InquiryIn(RequestBody):
    """The agency whose questions of a day are to be explained."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"asked_by": "6f1c1d4e-2b0a-4c57-8a55-2e9d5b7c1f30", "day": "2026-08-05"}]
        }
    )

    asked_by: UUID
    day: PastDay


class InquiryAnswerIn(RequestBody):
    """The answer of the agency that asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "registrations"}]})

    answer: InquiryAnswer


class InquiryOut(BaseModel):
    """An inquiry of `inquirer` about the questions of `asked_by` on a day; `answer` is null until it is answered."""

    model_config = ConfigDict(from_attributes=True)

    inquiry_id: UUID = Field(validation_alias="id")
    inquirer: UUID = Field(validation_alias="agency")
    asked_by: UUID
    day: date
    answer: str | None
