"""What planning does when market proposes."""

from __future__ import annotations

from solidary.language.events.market import PlanLineProposed
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from planning.participation.actions import commands as actions


@reacts_to(PlanLineProposed)
async def take_up_plan_line(unit: UnitOfWork, event: PlanLineProposed) -> None:
    """A line that the market assessment proposes becomes an action of the plan it names."""
    proposed_by, parties = unit.envelope.agency, unit.envelope.parties
    if await unit.act_for_owner(event.plan_id):
        await actions.take_up(unit, event, proposed_by, parties)
