"""The commands of budget lines."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events import planning
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share

from cash.accounting.budget_lines.models import BudgetLine
from cash.accounting.ledger import commands as ledger


async def open_lines(unit: UnitOfWork, validated: planning.PlanValidated) -> None:
    """Open the budget lines of a validated plan: grant each in full and share it with the agencies that may draw.

    Lines that exist already stay as they are.
    """
    for planned in validated.budget_lines:
        if await unit.session.get(BudgetLine, planned.budget_line_id) is None:
            await _open_line(unit, validated, planned)


async def _open_line(
    unit: UnitOfWork, validated: planning.PlanValidated, planned: planning.BudgetLine
) -> None:
    line = BudgetLine(
        id=planned.budget_line_id,
        plan_id=validated.plan_id,
        action_id=planned.action_id,
        act_number=validated.act_number,
        perspective=planned.perspective,
        currency=planned.currency,
        ceiling=planned.amount_minor,
    )
    unit.add(line, *(_draw_share(unit, line.id, agency) for agency in planned.may_draw))
    await unit.flush()
    await ledger.grant(unit, line.id, planned.currency, planned.amount_minor)


def _draw_share(unit: UnitOfWork, line: UUID, agency: UUID) -> Share:
    owner = unit.principal.agency
    return share(root=line, owner=owner, agency=agency, level=ShareLevel.DRAW, reason="joint_programme")
