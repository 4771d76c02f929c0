"""Searches, as the database keeps them for a day."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Aggregate
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from intake.registry.encryption.rules import FieldCipher
from intake.registry.search.records import SearchRecord


class Search(Aggregate):
    """A search with its result, so that a repeated request gets the same response. It has a key of its own.

    `candidates` are the people whom it shows: with one of them it is erased.
    """

    __tablename__ = "search"
    __location__ = "/searches/{id}"

    candidates: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    result: Mapped[bytes]

    def read_result(self, cipher: FieldCipher) -> SearchRecord:
        """Decrypt the result."""
        return SearchRecord.model_validate_json(cipher.decrypt("result", self.result))

    def set_result(self, result: SearchRecord, cipher: FieldCipher) -> None:
        """Encrypt the result."""
        self.candidates = [candidate.person_id for candidate in result.candidates]
        self.result = cipher.encrypt("result", result.model_dump_json())
