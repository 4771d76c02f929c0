"""The people who wrote what decides on a payment, and the age of an account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import func, select

from intake.registry.authorship.models import Authorship, PayoutConfirmation

ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class AccountAge:
    """The time of the latest change of an account that was known before, and whether a second person confirmed it."""

    changed: datetime | None
    is_confirmed: bool


async def authors_of(unit: UnitOfWork, roots: Collection[UUID]) -> list[UUID]:
    """Return everybody who wrote a part of these people, households and consents."""
    query = select(Authorship.author).where(Authorship.root.in_(roots)).distinct().order_by(Authorship.author)
    return list(await unit.session.scalars(query))


async def account_age(unit: UnitOfWork, person_id: UUID, payout_version: int) -> AccountAge:
    """Return the age of a person's account. The first one that is recorded is no change."""
    written = select(func.count(), func.max(Authorship.created)).where(
        Authorship.root == person_id, Authorship.part == ACCOUNT
    )
    count, latest = (await unit.session.execute(written)).one()
    confirmed = select(PayoutConfirmation.id).where(
        PayoutConfirmation.root == person_id, PayoutConfirmation.payout_version == payout_version
    )
    is_confirmed = (await unit.session.scalars(confirmed.limit(1))).first() is not None
    return AccountAge(latest if count > 1 else None, is_confirmed)
