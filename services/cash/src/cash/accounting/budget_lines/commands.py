"""A validated plan becomes money that may be drawn on."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events import planning
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share

from cash.accounting.budget_lines.models import BudgetLine
from cash.accounting.ledger import commands as ledger


async def receive(unit: UnitOfWork, validated: planning.PlanValidated) -> None:
    """The plan's lines, each granted in full and shared with whom the plan lets draw. Known lines stay."""
    for said in validated.budget_lines:
        if await unit.session.get(BudgetLine, said.budget_line_id) is None:
            await _open(unit, validated, said)


async def _open(unit: UnitOfWork, validated: planning.PlanValidated, said: planning.BudgetLine) -> None:
    line = BudgetLine(
        id=said.budget_line_id,
        root=said.budget_line_id,
        plan_id=validated.plan_id,
        action_id=said.action_id,
        act_number=validated.act_number,
        perspective=said.perspective,
        currency=said.currency,
        ceiling=said.amount_minor,
    )
    unit.add(line, *(_draw(unit, line.id, agency) for agency in said.may_draw))
    await unit.flush()
    await ledger.grant(unit, line.id, said.currency, said.amount_minor)


def _draw(unit: UnitOfWork, line: UUID, agency: UUID) -> Share:
    owner = unit.principal.agency
    return share(root=line, owner=owner, agency=agency, level=ShareLevel.DRAW, reason="joint_programme")
