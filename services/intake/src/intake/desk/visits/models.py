"""Visits of people to centres."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from intake.registry.encryption.records import NoteRecord
from intake.registry.encryption.rules import FieldCipher
from intake.registry.people.models import PersonPart


class Visit(PersonPart):
    """A person's visit to a centre; the note is encrypted with the person's key."""

    __tablename__ = "visit"
    __location__ = "/people/{root}/visits/{id}"

    day: Mapped[date]
    centre: Mapped[str]
    reason: Mapped[str]
    note: Mapped[bytes | None]

    def read_note(self, cipher: FieldCipher) -> str | None:
        """Decrypt the note."""
        return (
            NoteRecord.model_validate_json(cipher.decrypt("visit note", self.note)).text
            if self.note
            else None
        )

    def set_note(self, note: str | None, cipher: FieldCipher) -> None:
        """Encrypt a note; an empty one is not stored."""
        self.note = cipher.encrypt("visit note", NoteRecord(text=note).model_dump_json()) if note else None
