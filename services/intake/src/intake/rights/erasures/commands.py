"""The erasure of a person."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.intake import PersonErased
from solidary.platform.database import UnitOfWork

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds.commands import require_no_hold
from intake.registry.people.commands import bump_household_version
from intake.registry.people.models import Person
from intake.registry.people.queries import members_of
from intake.rights.erasures.models import Erasure
from intake.rights.erasures.rules import ErasureReason
from intake.rights.erasures.statements import ERASE_PERSON
from intake.sharing.consents import commands as consents


async def erase(unit: UnitOfWork, person_id: UUID, reason: ErasureReason) -> Erasure:
    """Erase a person: their key, their tokens, the searches that show them, and every row but the access log's.

    Raises NotFound, PersonUnderLegalHold.
    """
    person = await unit.lock(Person, person_id)
    await require_no_hold(unit, person_id)
    recipients = await consents.end_all_of(unit, person_id)
    household_id = person.household_id
    erasure = Erasure(id=person_id, root=person_id, reason=reason)
    unit.add(erasure)
    log_access(unit, [person_id], AccessAction.PERSON_ERASED)
    unit.publish(PersonErased(person_id=person_id), parties=sorted(recipients))
    await unit.flush()
    unit.session.expunge(person)
    await unit.session.execute(ERASE_PERSON, {"person": person_id})
    if await members_of(unit, household_id):
        await bump_household_version(unit, household_id)
    return erasure
