"""Packages, encrypted with the person's key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from solidary.platform.database import Aggregate
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import FieldCipher
from intake.sharing.packages.records import PackageRecord


class Package(Aggregate):
    """A package. It is an aggregate of its own, so that a share opens this row alone; it is never changed."""

    __tablename__ = "package"
    __location__ = "/packages/{id}"

    consent_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    purpose: Mapped[str]
    recipient: Mapped[UUID]
    content: Mapped[bytes]

    def set_fields(self, fields: dict[str, Any], cipher: FieldCipher) -> None:
        """Encrypt the fields."""
        self.content = cipher.encrypt("package", PackageRecord(fields=fields).model_dump_json())

    def read_fields(self, cipher: FieldCipher) -> dict[str, Any]:
        """Decrypt the fields."""
        return PackageRecord.model_validate_json(cipher.decrypt("package", self.content)).fields
