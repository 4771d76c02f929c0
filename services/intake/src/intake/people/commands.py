"""What the desk does with one person."""

from __future__ import annotations

from uuid import UUID

from solidary.database import UnitOfWork

from intake.people.models import Person
from intake.people.rules import Status
from intake.people.schemas import Payout
from intake.sealing.models import seals_of
from intake.sealing.rules import InstanceKey
from intake.timeline.models import note


async def move(unit: UnitOfWork, person_id: UUID, to: Status) -> Person:
    """A provisional person is confirmed, a registered one verified."""
    person = await unit.lock(Person, person_id)
    person.move(to)
    note(unit, person.id, f"person_{to}")
    return person


async def pay_to(unit: UnitOfWork, instance: InstanceKey, person_id: UUID, payout: Payout) -> None:
    """Says where money can reach a person."""
    person = await unit.lock(Person, person_id)
    person.is_paid_at(payout, (await seals_of(unit, instance, [person_id]))[person_id])
