"""Reactions of planning to events of the market service."""

from __future__ import annotations

from solidary.language.events.market import PlanLineProposed
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from planning.participation.actions import commands as actions


@reacts_to(PlanLineProposed)
async def receive_plan_line(unit: UnitOfWork, event: PlanLineProposed) -> None:
    """Make an action of the named plan from a line that a market assessment proposed."""
    proposed_by = unit.envelope.agency
    if await unit.act_for_owner(event.plan_id):
        await actions.receive_plan_line(unit, event, proposed_by)
