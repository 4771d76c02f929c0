from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork

from intake.desk.guidance.models import Guidance
from intake.desk.guidance.schemas import GuidanceIn
from intake.engines.pathways.guard import Advice
from intake.registry.timeline.models import note


async def give(unit: UnitOfWork, person_id: UUID, advice: Advice, said: GuidanceIn) -> Guidance:
    """A route was explained to a person."""
    guidance = Guidance(
        id=uuid4(),
        root=person_id,
        route=said.route,
        language=said.language,
        review=advice.review,
        deadline=advice.last_day,
    )
    unit.add(guidance)
    note(unit, person_id, "guidance_given", guidance.id)
    await unit.flush()
    return guidance
