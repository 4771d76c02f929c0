"""Ordinary needs, and restricted ones, of which the database knows no more than that there is one."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from intake.desk.needs.records import RestrictedNeedRecord
from intake.desk.needs.rules import NEED_TRANSITIONS, NeedActor, NeedState
from intake.registry.encryption.rules import FieldCipher
from intake.registry.people.models import PersonPart

PADDED_BYTES = 512
"""The length of a restricted need's content is a multiple of this."""


class Need(PersonPart):
    """An ordinary need of a person."""

    __tablename__ = "need"
    __location__ = "/people/{root}/needs/{id}"

    code: Mapped[str]
    tier: Mapped[str]
    list_version: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str]
    day: Mapped[date]
    state: Mapped[str]

    def change_state(self, to: NeedState) -> None:
        """Mark the need as met or closed. Raises TransitionNotAllowed."""
        self.state = NEED_TRANSITIONS.move(NeedState(self.state), to, (NeedActor.DESK,))


class RestrictedNeed(PersonPart):
    """A restricted need of a person. A policy of its table knows the duties of those who may read it."""

    __tablename__ = "restricted_need"
    __location__ = "/people/{root}/restricted-needs/{id}"

    content: Mapped[bytes]

    def read_content(self, cipher: FieldCipher) -> RestrictedNeedRecord:
        """Decrypt the content."""
        return RestrictedNeedRecord.model_validate_json(cipher.decrypt("restricted need", self.content))

    def set_content(self, content: RestrictedNeedRecord, cipher: FieldCipher) -> None:
        """Encrypt the content, filled up with spaces: its length depends on neither code nor note."""
        text = content.model_dump_json()
        length = -(-len(text.encode()) // PADDED_BYTES) * PADDED_BYTES
        self.content = cipher.encrypt("restricted need", text + " " * (length - len(text.encode())))
