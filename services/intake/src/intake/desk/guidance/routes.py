"""The routes of guidance."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, agency, created

from intake.desk.guidance import commands
from intake.desk.guidance.models import Guidance
from intake.desk.guidance.schemas import GuidanceIn, GuidanceOut
from intake.desk.procedures.advice import advice_on
from intake.desk.procedures.schemas import PathwayAdviceOut
from intake.engines.pathways.guard import Advice
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.people.queries import get_part

router = APIRouter(tags=["guidance"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.post("/people/{person_id}/guidance", status_code=201)
async def give_guidance(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    person_id: UUID,
    body: GuidanceIn,
    response: Response,
) -> GuidanceOut:
    """Explain a pathway to a person, with their own deadline, and record that it was explained."""
    guidance, advice = await commands.give_guidance(unit, instance_key, country, person_id, body)
    return _guidance_out(created(guidance, response), advice)


@router.get("/people/{person_id}/guidance/{guidance_id}")
async def read_guidance(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    person_id: UUID,
    guidance_id: UUID,
) -> GuidanceOut:
    """Read guidance: the pathway as the country pack has it now, with the deadline as of the day of the guidance."""
    action = AccessAction.GUIDANCE_READ
    guidance = await get_part(unit, Guidance, person_id, guidance_id, action)
    pathway, day = guidance.pathway, guidance.created
    advice = await advice_on(unit, instance_key, country, person_id, pathway, day, action)
    return _guidance_out(guidance, advice)


def _guidance_out(guidance: Guidance, advice: Advice) -> GuidanceOut:
    return GuidanceOut(
        guidance_id=guidance.id,
        at=guidance.created,
        language=guidance.language,
        advice=PathwayAdviceOut.of(advice, guidance.language),
    )
