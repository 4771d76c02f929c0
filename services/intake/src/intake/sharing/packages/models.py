from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import Seal
from intake.sharing.consents.models import Consent


class Package(AgencyEntity):
    """`id == root`: a share opens this row alone. Sealed with the person's key; never changed."""

    __tablename__ = "package"

    consent_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    purpose: Mapped[str]
    recipient: Mapped[UUID]
    content: Mapped[bytes]

    @classmethod
    def of(cls, consent: Consent, content: dict[str, Any], seal: Seal) -> Package:
        return cls(
            id=consent.package_id,
            root=consent.package_id,
            consent_id=consent.id,
            person_id=consent.person_id,
            household_id=consent.household_id,
            purpose=consent.purpose,
            recipient=consent.recipient,
            content=seal.close("package", json.dumps(content, ensure_ascii=False)),
        )

    def opened(self, seal: Seal) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(seal.open("package", self.content))
        return content
