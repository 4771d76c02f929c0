"""The legal holds of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from solidary.platform.database import UnitOfWork, timestamp
from sqlalchemy import func, select, text
from sqlalchemy.orm import Mapped

from intake.registry.legal_holds.rules import HoldKind
from intake.registry.people.models import PersonPart

LOCK_OPEN_PAYMENTS = text(
    """
    SELECT root FROM data.legal_hold
    WHERE agency = :agency AND root = ANY(:people) AND kind = :kind AND lifted IS NULL ORDER BY id FOR UPDATE
    """
)


class LegalHold(PersonPart):
    """A legal hold of a person (`root`). `reference` is what it is about: a package, a payment, or the hold itself."""

    __tablename__ = "legal_hold"
    __location__ = "/people/{root}/legal-holds/{id}"

    kind: Mapped[str]
    reference: Mapped[UUID]
    until: Mapped[date]
    reason: Mapped[str | None]
    lifted: Mapped[timestamp | None]


async def holds_in_force(unit: UnitOfWork, person_id: UUID) -> Mapping[HoldKind, date]:
    """Return the last day of each kind of hold that is in force."""
    latest = (
        select(LegalHold.kind, func.max(LegalHold.until))
        .where(
            LegalHold.agency == unit.principal.agency,
            LegalHold.root == person_id,
            LegalHold.until >= unit.now.date(),
            LegalHold.lifted.is_(None),
        )
        .group_by(LegalHold.kind)
    )
    return {HoldKind(kind): until for kind, until in await unit.session.execute(latest)}


async def count_open_payments(unit: UnitOfWork, people: Collection[UUID]) -> Counter[UUID]:
    """Lock the holds of people to whom a payment is open, and return their number by person.

    There is one for each package under which cash fetched the payee.
    """
    parameters = {"agency": unit.principal.agency, "people": list(people), "kind": HoldKind.OPEN_PAYMENT}
    return Counter(await unit.session.scalars(LOCK_OPEN_PAYMENTS, parameters))
