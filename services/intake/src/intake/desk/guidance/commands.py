"""The recording of guidance."""

from __future__ import annotations

from uuid import UUID

from solidary.language.country import CountryPack
from solidary.platform.database import UnitOfWork

from intake.desk.guidance.models import Guidance
from intake.desk.guidance.schemas import GuidanceIn
from intake.desk.procedures.advice import advice_on
from intake.engines.pathways.guard import Advice
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import InstanceKey
from intake.registry.timeline.models import add_timeline_entry


async def give_guidance(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person_id: UUID,
    guidance_in: GuidanceIn,
) -> tuple[Guidance, Advice]:
    """Record that a pathway was explained to a person; return the record and the advice. Raises NotFound, Invalid."""
    pathway, action = guidance_in.pathway, AccessAction.GUIDANCE_GIVEN
    advice = await advice_on(unit, instance_key, country, person_id, pathway, unit.now, action)
    guidance = Guidance(
        root=person_id,
        pathway=pathway,
        language=guidance_in.language,
        review=advice.review,
        deadline=advice.last_day,
    )
    unit.add(guidance)
    add_timeline_entry(unit, person_id, "guidance_given", guidance.id)
    await unit.flush()
    return guidance, advice
