"""Ordinary and restricted needs; the database refuses a code of the other tier in either table."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from intake.desk.needs.rules import NEED_TRANSITIONS, NeedActor, NeedState
from intake.registry.encryption.records import NoteRecord
from intake.registry.encryption.rules import FieldCipher
from intake.registry.people.models import PersonPart


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
    """A restricted need of a person; only the routes for protection officers read it."""

    __tablename__ = "restricted_need"
    __location__ = "/people/{root}/restricted-needs/{id}"

    code: Mapped[str]
    tier: Mapped[str]
    list_version: Mapped[str]
    severity: Mapped[str]
    note: Mapped[bytes | None]

    def read_note(self, cipher: FieldCipher) -> str | None:
        """Decrypt the note."""
        return (
            NoteRecord.model_validate_json(cipher.decrypt("restricted note", self.note)).text
            if self.note
            else None
        )

    def set_note(self, note: str, cipher: FieldCipher) -> None:
        """Encrypt the note."""
        self.note = cipher.encrypt("restricted note", NoteRecord(text=note).model_dump_json())
