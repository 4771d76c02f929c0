"""The HTTP interface of published plans."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from solidary.platform.web import PublicSession, public

from planning.participation.plans.rules import PlanState
from planning.participation.plans.schemas import DiagnosisOut
from planning.participation.publication import queries
from planning.participation.publication.schemas import PublishedActionOut, PublishedPlanOut

router = APIRouter(tags=["plans"])


@router.get("/published/plans/{plan_id}")
@public
async def read_published_plan(session: PublicSession, plan_id: UUID) -> PublishedPlanOut:
    """Read the public version of a plan: its diagnosis, its actions with cost or reason, its act."""
    plan = await queries.get_published_plan(session, plan_id)
    return PublishedPlanOut(
        id=plan.id,
        title=plan.title,
        tiu=plan.tiu,
        area=plan.area,
        state=PlanState(plan.state),
        diagnosis=None if plan.diagnosis is None else DiagnosisOut.model_validate(plan.diagnosis),
        actions=[PublishedActionOut.model_validate(action) for action in plan.actions.actions],
        act_number=plan.act_number,
        updated=plan.updated,
    )
