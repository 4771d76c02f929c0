"""What market does when planning answers."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.planning import ActionAccepted, ActionRejected
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from market.assessments.models import PlanLine
from market.assessments.rules import LineState


@reacts_to(ActionAccepted)
async def note_acceptance(unit: UnitOfWork, event: ActionAccepted) -> None:
    """The plan line that an action came from is accepted."""
    await _answer(unit, event.derived_from, LineState.ACCEPTED, event.action_id, None)


@reacts_to(ActionRejected)
async def note_rejection(unit: UnitOfWork, event: ActionRejected) -> None:
    """The plan line that an action came from is rejected, with its reason."""
    await _answer(unit, event.derived_from, LineState.REJECTED, event.action_id, event.reason)


async def _answer(
    unit: UnitOfWork, plan_line: UUID | None, to: LineState, action: UUID, reason: str | None
) -> None:
    """Actions that no plan line of ours proposed are none of our business."""
    if plan_line is None or not await unit.act_for_owner(plan_line):
        return
    (await unit.lock(PlanLine, plan_line)).answered(to, action, reason)
