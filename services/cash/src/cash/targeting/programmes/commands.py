from __future__ import annotations

from uuid import uuid4

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from cash.accounting.budget_lines.models import BudgetLine
from cash.engines.entitlement.rule import InvalidRule, compile_rule
from cash.targeting.enrolments.rules import unknown_columns
from cash.targeting.programmes.models import Programme, Tier
from cash.targeting.programmes.schemas import ProgrammeIn


async def start(unit: UnitOfWork, said: ProgrammeIn) -> Programme:
    """A programme that draws on a budget line within reach; its rule is checked before it is kept."""
    _require_applicable(said)
    line = await unit.get(BudgetLine, said.budget_line_id)
    _require_currency(said, line.currency)
    id_ = uuid4()
    programme = Programme(
        id=id_,
        root=id_,
        currency=line.currency,
        debtor=said.debtor.model_dump(mode="json"),
        rule=said.rule.model_dump(mode="json"),
        **said.model_dump(exclude={"tiers", "debtor", "rule"}),
    )
    unit.add(programme)
    await unit.flush()
    unit.add(*(Tier(root=id_, **tier.model_dump()) for tier in said.tiers))
    await unit.flush()
    return programme


async def that_takes_referrals(unit: UnitOfWork) -> Programme | None:
    """The agency's newest programme that takes cash referrals."""
    mine = select(Programme).where(Programme.agency == unit.principal.agency, Programme.takes_referrals)
    newest = mine.order_by(Programme.created.desc(), Programme.id.desc()).limit(1)
    return (await unit.session.scalars(newest)).first()


def _require_currency(said: ProgrammeIn, currency: str) -> None:
    if said.rule.currency != currency:
        raise Invalid(
            "the rule pays in another currency",
            Fault("/rule/currency", f"the budget line is in {currency}"),
        )


def _require_applicable(said: ProgrammeIn) -> None:
    if unknown := unknown_columns(said.rule.columns):
        faults = [Fault(f"/rule/columns/{name}", reason) for name, reason in unknown.items()]
        raise Invalid("the rule asks what a coded profile does not tell", *faults)
    try:
        compile_rule(said.rule)
    except InvalidRule as error:
        raise Invalid("the rule cannot be applied", Fault("/rule" + error.pointer, error.reason)) from None
