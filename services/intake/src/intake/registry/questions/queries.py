"""Questions and inquiries as the agencies concerned read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import or_, select

from intake.registry.questions import statements
from intake.registry.questions.models import Inquiry
from intake.registry.questions.schemas import InquiryOut, ReceivedQuestions


async def questions_received(unit: UnitOfWork, since: date) -> Sequence[ReceivedQuestions]:
    """Return how often the other agencies asked since a day, and how often somebody of the own agency was meant."""
    rows = await unit.session.execute(statements.RECEIVED, {"since": since})
    return [ReceivedQuestions.model_validate(row) for row in rows]


async def list_inquiries(unit: UnitOfWork, cursor: Cursor, is_answered: bool | None) -> Page[InquiryOut]:
    """Return a page of the inquiries that the agency made and those that it is to answer, the newest first."""
    agency: UUID = unit.principal.agency
    inquiries = select(Inquiry).where(or_(Inquiry.agency == agency, Inquiry.asked_by == agency))
    if is_answered is not None:
        inquiries = inquiries.where(Inquiry.answer.is_not(None) == is_answered)
    return await page_of(unit.session, inquiries, cursor, InquiryOut.model_validate, by=Inquiry)
