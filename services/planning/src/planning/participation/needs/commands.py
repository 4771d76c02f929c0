"""The command that records a need."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork

from planning.participation.needs.models import Need
from planning.participation.needs.records import EvidenceRecord
from planning.participation.needs.schemas import CommunityNeedIn
from planning.participation.plans.commands import require_room
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState

MAX_NEEDS = 500
NEEDS_RECORDED_IN = frozenset({PlanState.DRAFT, PlanState.DIAGNOSIS})


async def record_need(unit: UnitOfWork, plan_id: UUID, body: CommunityNeedIn) -> Need:
    """Record a need with its evidence.

    Raises NotFound, PlanInAnotherState, Invalid for evidence of a day to come, and Conflict where the plan has 500.
    """
    if body.evidence.on > unit.today:
        raise Invalid("The evidence is not there yet.", Fault("/evidence/on", "This day is in the future."))
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(NEEDS_RECORDED_IN, "Needs can be recorded")
    await require_room(unit, Need, plan, MAX_NEEDS)
    need = Need(
        agency=plan.agency,
        root=plan.id,
        **body.model_dump(exclude={"evidence"}),
        evidence=EvidenceRecord(**body.evidence.model_dump()),
    )
    unit.add(need)
    await unit.flush()
    return need
