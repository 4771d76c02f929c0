from __future__ import annotations

from uuid import UUID

from solidary.language.events.intake import HouseholdChanged
from solidary.platform.database import UnitOfWork

from intake.registry.households.models import Household
from intake.registry.households.schemas import HouseholdIn


async def change(unit: UnitOfWork, household_id: UUID, said: HouseholdIn) -> Household:
    """The household moved, or its means changed; those who hold its profile are told that, and not what."""
    household = await unit.lock(Household, household_id)
    household.becomes(said)
    _tell(unit, household)
    return household


async def profile_changed(unit: UnitOfWork, household_id: UUID) -> None:
    """Something of its people changed that the coded profile tells (`packages.commands.profile`)."""
    household = await unit.lock(Household, household_id)
    household.moves_on()
    _tell(unit, household)


def _tell(unit: UnitOfWork, household: Household) -> None:
    unit.publish(HouseholdChanged(household_id=household.id, version=household.version), about=household)
