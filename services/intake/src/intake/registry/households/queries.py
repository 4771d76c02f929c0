from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.registry.encryption.rules import InstanceKey
from intake.registry.households.models import Household
from intake.registry.households.schemas import HouseholdOut
from intake.registry.people.queries import identified, listed, members


async def household(unit: UnitOfWork, instance: InstanceKey, household_id: UUID) -> HouseholdOut:
    """A household and its people. Raises NotFound."""
    found = await unit.get(Household, household_id)
    people = await members(unit, household_id)
    identities = await identified(unit, instance, people)
    return HouseholdOut(
        household_id=found.id,
        members=[listed(person, identities[person.id]) for person in people if person.id in identities],
        **{
            name: getattr(found, name)
            for name in HouseholdOut.model_fields.keys() & found.__mapper__.attrs.keys()
        },
    )
