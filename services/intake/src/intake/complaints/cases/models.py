"""Complaints and their history.

The database shows a sensitive complaint to no transaction without a duty of the circle. A visitor who files one
has none, so the rows are written without reading them back.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, RecordedBy, Updated
from sqlalchemy.orm import Mapped

from intake.complaints.cases.records import ComplaintText
from intake.complaints.cases.rules import COMPLAINT_TRANSITIONS, ComplaintActor, ComplaintState
from intake.registry.encryption.rules import FieldCipher


class Complaint(Aggregate, Updated):
    """A complaint. `code_hash` is all that is kept of the person's code."""

    __tablename__ = "complaint"
    __location__ = "/complaints/{id}"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012

    centre_id: Mapped[UUID]
    kind: Mapped[str]
    is_sensitive: Mapped[bool]
    area: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    answer_by: Mapped[date]
    code_hash: Mapped[bytes]
    request_digest: Mapped[bytes]

    def take_step(self, step: str) -> None:
        """Change the state by a step of the agency. Raises TransitionNotAllowed."""
        self.state = COMPLAINT_TRANSITIONS.apply(ComplaintState(self.state), step, (ComplaintActor.HANDLER,))


class ComplaintEntry(AgencyEntity, RecordedBy):
    """An entry of a complaint's history, which is never changed. `root` is the complaint."""

    __tablename__ = "complaint_entry"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012

    step: Mapped[str]
    is_sensitive: Mapped[bool]
    content: Mapped[bytes | None]

    def read_content(self, cipher: FieldCipher) -> ComplaintText | None:
        """Decrypt the text."""
        if self.content is None:
            return None
        return ComplaintText.model_validate_json(cipher.decrypt("complaint", self.content))


def encrypt_text(cipher: FieldCipher, content: ComplaintText) -> bytes:
    """Return a text as it is stored."""
    return cipher.encrypt("complaint", content.model_dump_json())
