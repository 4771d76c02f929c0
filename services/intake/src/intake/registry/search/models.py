"""Searches, as the database keeps them for a day."""

from __future__ import annotations

from solidary.platform.database import Aggregate
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import InstanceKey
from intake.registry.search.records import SearchRecord


class Search(Aggregate):
    """A search with its encrypted result, so that a repeated request gets the same response."""

    __tablename__ = "search"
    __location__ = "/searches/{id}"

    result: Mapped[bytes]

    def read_result(self, instance_key: InstanceKey) -> SearchRecord:
        """Decrypt the result."""
        return SearchRecord.model_validate_json(
            instance_key.temporary_cipher(self.id).decrypt("result", self.result)
        )

    def set_result(self, result: SearchRecord, instance_key: InstanceKey) -> None:
        """Encrypt the result."""
        self.result = instance_key.temporary_cipher(self.id).encrypt("result", result.model_dump_json())
