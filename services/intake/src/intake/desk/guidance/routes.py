from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.desk.guidance import commands
from intake.desk.guidance.models import Guidance
from intake.desk.guidance.schemas import GuidanceIn, GuidanceOut
from intake.desk.procedures.queries import advice_for, known_route
from intake.desk.procedures.schemas import AdviceOut
from intake.engines.pathways.guard import Advice
from intake.instance import Country, Held
from intake.registry.people.models import part_of

router = APIRouter(tags=["guidance"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.post("/people/{person_id}/guidance", status_code=201)
async def give(
    unit: Desk, held: Held, country: Country, person_id: UUID, body: GuidanceIn, response: Response
) -> GuidanceOut:
    """Explains a route to a person, with their own deadline, and remembers that it was explained."""
    advice = known_route(await advice_for(unit, held, country, person_id, unit.now), body.route)
    guidance = await commands.give(unit, person_id, advice, body)
    response.headers["Location"] = f"/people/{person_id}/guidance/{guidance.id}"
    return _shown(guidance, advice)


@router.get("/people/{person_id}/guidance/{guidance_id}")
async def read(unit: Desk, held: Held, country: Country, person_id: UUID, guidance_id: UUID) -> GuidanceOut:
    """The route as the pack has it now, judged by the day on which it was explained."""
    guidance = await part_of(unit, Guidance, person_id, guidance_id)
    advice = await advice_for(unit, held, country, person_id, guidance.created)
    return _shown(guidance, known_route(advice, guidance.route))


def _shown(guidance: Guidance, advice: Advice) -> GuidanceOut:
    return GuidanceOut(
        guidance_id=guidance.id,
        at=guidance.created,
        language=guidance.language,
        advice=AdviceOut.of(advice, guidance.language),
    )
