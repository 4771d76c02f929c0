"""The legal holds of people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from solidary.platform.database import UnitOfWork, timestamp
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped

from intake.registry.legal_holds.rules import HoldKind
from intake.registry.people.models import PersonPart


class LegalHold(PersonPart):
    """A legal hold of a person (`root`). `reference` is what it is about: a payment, or the hold itself."""

    __tablename__ = "legal_hold"
    __location__ = "/people/{root}/legal-holds/{id}"

    kind: Mapped[str]
    reference: Mapped[UUID]
    until: Mapped[date]
    reason: Mapped[str | None]
    lifted: Mapped[timestamp | None]


async def holds_in_force(unit: UnitOfWork, person_id: UUID) -> Mapping[HoldKind, date]:
    """Return the last day of each kind of hold that is in force: until that day is over everywhere (UTC−12)."""
    latest = (
        select(LegalHold.kind, func.max(LegalHold.until))
        .where(
            LegalHold.agency == unit.principal.agency,
            LegalHold.root == person_id,
            LegalHold.until >= (unit.now - timedelta(hours=12)).date(),
            LegalHold.lifted.is_(None),
        )
        .group_by(LegalHold.kind)
    )
    return {HoldKind(kind): until for kind, until in await unit.session.execute(latest)}
