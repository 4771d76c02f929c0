"""What the desk does with one person."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import delete

from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.households import commands as households
from intake.registry.people.models import Person
from intake.registry.people.rules import Status
from intake.registry.people.schemas import Identity, Payout
from intake.registry.search.models import SearchToken, described, make_findable, tokens
from intake.registry.search.rules import marks
from intake.registry.timeline.models import note


async def move(unit: UnitOfWork, person_id: UUID, to: Status) -> Person:
    """A provisional person is confirmed, a registered one verified."""
    person = await unit.lock(Person, person_id)
    person.move(to)
    note(unit, person.id, f"person_{to}")
    return person


async def correct(unit: UnitOfWork, instance: InstanceKey, person_id: UUID, identity: Identity) -> None:
    """What identifies the person was wrong or has changed. Packages keep what was shared before."""
    person = await unit.lock(Person, person_id)
    before = person.birth_month, person.payout_version
    person.is_known_as(identity, (await seals_of(unit, instance, [person_id]))[person_id])
    if before != (person.birth_month, person.payout_version):
        await households.profile_changed(unit, person.household_id)
    await unit.session.execute(delete(SearchToken).where(SearchToken.root == person_id))
    await make_findable(unit, {person_id: tokens(instance, marks(described(identity, person.sex)))})
    note(unit, person_id, "identity_corrected")


async def pay_to(unit: UnitOfWork, instance: InstanceKey, person_id: UUID, payout: Payout) -> None:
    """Says where money can reach a person. Who does so is on record: it is where a thief would begin."""
    person = await unit.lock(Person, person_id)
    before = person.payout_version
    person.is_paid_at(payout, (await seals_of(unit, instance, [person_id]))[person_id])
    log_access(unit, person_id, "payout_written")
    if before != person.payout_version:
        await households.profile_changed(unit, person.household_id)
        note(unit, person_id, "payout_changed")
