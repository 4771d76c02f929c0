"""The routes of questions about strangers, and of inquiries into them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, created, shared

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.questions import commands, queries
from intake.registry.questions.models import Inquiry, Question
from intake.registry.questions.schemas import (
    InquiryAnswerIn,
    InquiryIn,
    InquiryOut,
    QuestionIn,
    QuestionOut,
    ReceivedQuestions,
)

router = APIRouter(tags=["questions"])
AnyDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]
Officer = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER)]
OfficerOfEither = Annotated[UnitOfWork, shared(Duty.DATA_PROTECTION_OFFICER)]
Reader = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER, Duty.AUDITOR)]


@router.post("/questions", status_code=201)
async def ask_other_agencies(
    unit: AnyDesk, instance_key: CurrentInstanceKey, body: QuestionIn, response: Response
) -> QuestionOut:
    """Ask whether another agency may know one person. Questions are counted, limited and shown to who was asked."""
    question = await commands.ask(unit, instance_key, body.to_description(), body.reason)
    return QuestionOut.model_validate(created(question, response))


@router.get("/questions/received")
async def list_received_questions(unit: Reader, since: date) -> list[ReceivedQuestions]:
    """List how often other agencies asked since a day, by agency, day and reason."""
    return list(await queries.questions_received(unit, since))


@router.get("/questions/{question_id}")
async def read_question(unit: AnyDesk, question_id: UUID) -> QuestionOut:
    """Read a question of your agency with its answer."""
    return QuestionOut.model_validate(await unit.get(Question, question_id))


@router.post("/inquiries", status_code=201)
async def inquire(unit: Officer, body: InquiryIn, response: Response) -> InquiryOut:
    """Ask another agency's data protection officer why their agency asked on a day."""
    return InquiryOut.model_validate(created(await commands.inquire(unit, body), response))


@router.get("/inquiries")
async def list_inquiries(
    unit: OfficerOfEither, cursor: Annotated[UpdatedCursor, Depends()], is_answered: bool | None = None
) -> Page[InquiryOut]:
    """List the inquiries that your agency made, and those that it is to answer, the newest first."""
    return await queries.list_inquiries(unit, cursor, is_answered)


@router.get("/inquiries/{inquiry_id}")
async def read_inquiry(unit: OfficerOfEither, inquiry_id: UUID) -> InquiryOut:
    """Read an inquiry."""
    return InquiryOut.model_validate(await unit.get(Inquiry, inquiry_id))


@router.post("/inquiries/{inquiry_id}/answer")
async def answer_inquiry(
    unit: OfficerOfEither, inquiry_id: UUID, body: InquiryAnswerIn, response: Response
) -> InquiryOut:
    """Answer an inquiry about your agency's questions."""
    inquiry = await commands.answer_inquiry(unit, inquiry_id, body.answer)
    return InquiryOut.model_validate(created(inquiry, response))
