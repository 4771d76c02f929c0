"""The setting up and the changes of centres."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.centres.places.models import Centre
from intake.centres.places.schemas import CentreIn


async def add_centre(unit: UnitOfWork, centre_in: CentreIn) -> Centre:
    """Add a centre. The database refuses a second one of the agency with the same code."""
    centre = Centre()
    _fill(centre, centre_in)
    unit.add(centre)
    await unit.flush()
    return centre


async def change_centre(unit: UnitOfWork, centre_id: UUID, centre_in: CentreIn) -> Centre:
    """Replace what is known of a centre. Raises NotFound."""
    centre = await unit.lock(Centre, centre_id)
    _fill(centre, centre_in)
    await unit.flush()
    return centre


def _fill(centre: Centre, centre_in: CentreIn) -> None:
    centre.code, centre.kind, centre.name = centre_in.code, centre_in.kind, centre_in.name
    centre.area, centre.is_open, centre.details = centre_in.area, centre_in.is_open, centre_in.to_record()
