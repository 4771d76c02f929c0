"""The command that publishes a plan."""

from __future__ import annotations

from typing import Any

from solidary.platform.database import UnitOfWork
from sqlalchemy.dialects.postgresql import insert

from planning.participation.actions.models import actions_of
from planning.participation.plans.models import Plan
from planning.participation.publication.models import PublishedPlan
from planning.participation.publication.records import PublishedActionRecord, PublishedActionsRecord
from planning.territory.tius.models import Tiu


async def publish_plan(unit: UnitOfWork, plan: Plan) -> None:
    """Replace the public version of a plan by its present content."""
    tiu = await unit.get(Tiu, plan.tiu_id)
    content: dict[str, Any] = {
        "title": plan.title,
        "tiu": tiu.label,
        "area": tiu.area,
        "state": plan.state,
        "diagnosis": plan.diagnosis,
        "actions": PublishedActionsRecord(
            actions=tuple(
                PublishedActionRecord(
                    title=action.title,
                    perspective=action.perspective,
                    cost_minor=action.cost_minor,
                    state=action.state,
                    reason=action.reason,
                )
                for action in await unit.session.scalars(actions_of(plan.id))
            )
        ),
        "act_number": plan.act_number,
        "updated": unit.now,
    }
    await unit.session.execute(
        insert(PublishedPlan)
        .values(id=plan.id, **content)
        .on_conflict_do_update(index_elements=["id"], set_=content)
    )
