"""The consents of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.people.queries import get_person
from intake.sharing.consents.models import Consent


async def read_consent(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """Return a consent. Raises NotFound."""
    consent = await unit.get(Consent, consent_id)
    log_access(unit, consent.people, AccessAction.CONSENTS_READ, reference=consent_id)
    return consent


async def list_consents(unit: UnitOfWork, person_id: UUID) -> Sequence[Consent]:
    """Return a person's consents, the oldest first. Raises NotFound."""
    await get_person(unit, person_id, AccessAction.CONSENTS_READ)
    consents = select(Consent).where(Consent.agency == unit.principal.agency, Consent.root == person_id)
    found = (await unit.session.scalars(consents.order_by(Consent.created, Consent.id))).all()
    givers = {consent.given_by for consent in found if consent.given_by}
    log_access(unit, givers, AccessAction.CONSENTS_READ, reference=person_id)
    return found
