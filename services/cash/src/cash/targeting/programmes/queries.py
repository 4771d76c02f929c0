"""Programmes as their agency reads them."""

from __future__ import annotations

from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import with_external_ids

from cash.targeting.programmes.models import Programme
from cash.targeting.programmes.schemas import ProgrammeOut


async def show(unit: UnitOfWork, programme: Programme) -> ProgrammeOut:
    """Return a programme with the agency's identifiers of it."""
    shown = {programme.id: ProgrammeOut.model_validate(programme)}
    return (await with_external_ids(unit, "programme", shown))[0]
