"""Consents as intake tells them; each row belongs to the agency that has the person in its care."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.events.intake import ConsentGranted
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import ColumnElement, select, text

from cash.targeting.consents.models import Consent

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('consent ' || :consent, 0))")


async def hold(unit: UnitOfWork, consent_id: UUID) -> None:
    """Whoever begins, uses or ends a consent does so one at a time, until their transaction's end.

    A referral and its consent come on two topics, a withdrawal at any time; and who uses the consent may not lock
    its row, which is another agency's.
    """
    await unit.session.execute(ONE_AT_A_TIME, {"consent": str(consent_id)})


async def note(unit: UnitOfWork, granted: ConsentGranted) -> Consent:
    """A consent for cash; its recipient sees it."""
    await hold(unit, granted.consent_id)
    consent = Consent(
        id=granted.consent_id,
        root=granted.consent_id,
        person_id=granted.person_id,
        household_id=granted.household_id,
        package_id=granted.package_id,
        recipient=granted.recipient,
        valid_until=granted.valid_until,
    )
    unit.add(consent)
    await unit.flush()
    unit.add(
        share(
            root=consent.id,
            owner=consent.agency,
            agency=consent.recipient,
            level=ShareLevel.READ,
            reason="consent",
            valid_until=consent.valid_until,
        )
    )
    return consent


async def known_of(unit: UnitOfWork, which: ColumnElement[bool]) -> Sequence[Consent]:
    """The acting agency's consents of a person or a household."""
    query = select(Consent).where(Consent.agency == unit.principal.agency, which)
    return (await unit.session.scalars(query)).all()


async def end(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """Withdrawn, expired, or of a person who was erased."""
    await hold(unit, consent_id)
    consent = await unit.lock(Consent, consent_id)
    consent.ended = consent.ended or unit.now
    return consent
