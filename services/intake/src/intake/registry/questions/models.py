"""Questions about strangers, of which nothing but the answer is kept, and inquiries into why they were asked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import Aggregate, RecordedBy, UnitOfWork, Updated
from sqlalchemy.orm import Mapped

from intake.problems import InquiryAnswered, InquiryOfAnother
from intake.registry.questions.rules import InquiryAnswer


class Question(RecordedBy, Aggregate):
    """A question about one person. It is asked and recorded by one function of the database."""

    __tablename__ = "question"
    __location__ = "/questions/{id}"

    reason: Mapped[str]
    day: Mapped[date]
    matched: Mapped[bool]


class Inquiry(Updated, Aggregate):
    """An inquiry of an agency about the questions that another one (`asked_by`) asked on a day."""

    __tablename__ = "inquiry"
    __location__ = "/inquiries/{id}"

    asked_by: Mapped[UUID]
    day: Mapped[date]
    answer: Mapped[str | None]

    def give_answer(self, unit: UnitOfWork, answer: InquiryAnswer) -> None:
        """Record the answer of the agency that asked. Raises InquiryAnswered, InquiryOfAnother."""
        if unit.principal.agency != self.asked_by:
            raise InquiryOfAnother
        if self.answer is not None:
            raise InquiryAnswered
        self.answer = answer
