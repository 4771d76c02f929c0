"""Questions about strangers, and inquiries into them."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.intake import UnusualQuestions
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import InstanceKey
from intake.registry.questions import rules, statements
from intake.registry.questions.metrics import count_question
from intake.registry.questions.models import Inquiry, Question
from intake.registry.questions.rules import InquiryAnswer, QuestionReason
from intake.registry.questions.schemas import InquiryIn
from intake.registry.search_index.commands import wanted_tokens_of
from intake.registry.search_index.rules import PersonDescription, search_keys


async def ask(
    unit: UnitOfWork, instance_key: InstanceKey, wanted: PersonDescription, reason: QuestionReason
) -> Question:
    """Ask whether another agency may know a person. Raises Invalid, QuestionsUsedUp.

    The names and the year of birth are taken as they are given, without the tolerance of a search in the own agency.
    """
    keys = list(search_keys(wanted))
    rules.require_one_person(keys)
    tokens = wanted_tokens_of(instance_key, (key for key in keys if key.is_strong))
    asked = (await unit.session.execute(statements.ASK, {"reason": reason, "tokens": list(tokens)})).one()
    log_access(unit, [asked.id], AccessAction.ASKED_ELSEWHERE)
    is_unusual = asked.questions == rules.UNUSUAL_QUESTIONS
    if is_unusual:
        log_access(unit, [asked.id], AccessAction.QUESTIONS_UNUSUAL)
        unit.publish(UnusualQuestions(agency_id=unit.principal.agency, questions=asked.questions))
    count_question(is_unusual=is_unusual)
    return await unit.get(Question, asked.id)


async def inquire(unit: UnitOfWork, inquiry_in: InquiryIn) -> Inquiry:
    """Ask another agency why it asked on a day."""
    inquiry = Inquiry(asked_by=inquiry_in.asked_by, day=inquiry_in.day)
    unit.add(inquiry)
    await unit.flush()
    unit.add(
        share(
            root=inquiry.id,
            owner=unit.principal.agency,
            agency=inquiry.asked_by,
            level=ShareLevel.ACT,
            reason="agreement",
        )
    )
    return inquiry


async def answer_inquiry(unit: UnitOfWork, inquiry_id: UUID, answer: InquiryAnswer) -> Inquiry:
    """Answer an inquiry of another agency. Raises NotFound, InquiryOfAnother, InquiryAnswered."""
    inquiry = await unit.lock(Inquiry, inquiry_id)
    inquiry.give_answer(unit, answer)
    return inquiry
