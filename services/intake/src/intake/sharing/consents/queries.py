"""The consents of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of, where_given
from sqlalchemy import select

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import assigned_to
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.queries import get_person, with_names
from intake.sharing.consents.models import Consent
from intake.sharing.consents.rules import ConsentState
from intake.sharing.consents.schemas import ConsentOfList


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


async def list_own_consents(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    cursor: Cursor,
    state: ConsentState | None,
    ends_before: datetime | None,
) -> Page[ConsentOfList]:
    """Return a page of the consents of the people to whom the user is assigned, the newest first."""
    consents = select(Consent).where(
        Consent.agency == unit.principal.agency, Consent.root.in_(assigned_to(unit))
    )
    if ends_before is not None:
        consents = consents.where(Consent.valid_until < ends_before)
    found = where_given(consents, {Consent.state: state})
    page = await page_of(unit.session, found, cursor, ConsentOfList.model_validate, by=Consent)
    givers = {consent.given_by for consent in page.items if consent.given_by}
    log_access(unit, givers, AccessAction.CONSENTS_READ)
    return await with_names(unit, instance_key, page, AccessAction.CONSENTS_READ)
