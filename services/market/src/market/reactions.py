"""The reactions to decisions of the planning service on proposed plan lines."""

from __future__ import annotations

from solidary.language.events.planning import ActionAccepted, ActionRejected
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from market.plan.lines import commands as plan_lines


@reacts_to(ActionAccepted)
async def accept_plan_line(unit: UnitOfWork, event: ActionAccepted) -> None:
    """Accept the plan line from which the action came. Actions that came from none of our lines are ignored."""
    if event.derived_from is not None and await unit.act_for_owner(event.derived_from):
        await plan_lines.accept_plan_line(unit, event.derived_from, event.action_id)


@reacts_to(ActionRejected)
async def reject_plan_line(unit: UnitOfWork, event: ActionRejected) -> None:
    """Reject the plan line from which the action came. Actions that came from none of our lines are ignored."""
    if event.derived_from is not None and await unit.act_for_owner(event.derived_from):
        await plan_lines.reject_plan_line(unit, event.derived_from, event.action_id, event.reason)
