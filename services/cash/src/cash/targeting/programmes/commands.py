"""The commands of programmes."""

from __future__ import annotations

from solidary.language.problems import Fault, Invalid, json_pointer
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from cash.accounting.budget_lines.models import BudgetLine
from cash.engines.entitlement.definition import RuleDefinition
from cash.engines.entitlement.rule import InvalidRule, compile_rule
from cash.targeting.profiles.rules import unusable_columns
from cash.targeting.programmes.models import Programme, ProgrammeApprovalTier
from cash.targeting.programmes.records import DebtorRecord, RuleRecord
from cash.targeting.programmes.schemas import ProgrammeIn


async def start_programme(unit: UnitOfWork, body: ProgrammeIn) -> Programme:
    """Start a programme on a budget line that the agency owns or may draw on.

    Raises Invalid where the rule cannot be applied or pays in another currency, NotFound for the budget line.
    """
    _require_applicable(body.rule)
    line = await unit.get(BudgetLine, body.budget_line_id)
    if body.rule.currency != line.currency:
        raise Invalid(
            "The rule pays in another currency than the budget line.",
            Fault("/rule/currency", f"The budget line is in {line.currency}."),
        )
    programme = Programme(
        name=body.name,
        purpose=body.purpose,
        budget_line_id=line.id,
        currency=line.currency,
        fsp=body.fsp,
        debtor=DebtorRecord(
            name=body.debtor.name,
            account_number=body.debtor.account.number,
            account_type=body.debtor.account.type,
            bic=body.debtor.bic,
        ),
        rule=RuleRecord.of(body.rule),
        takes_referrals=body.takes_referrals,
    )
    unit.add(programme)
    await unit.flush()
    tiers = [ProgrammeApprovalTier(root=programme.id, **tier.model_dump()) for tier in body.approval_tiers]
    unit.add(*tiers)
    await unit.flush()
    return programme


async def newest_for_referrals(unit: UnitOfWork) -> Programme | None:
    """Return the agency's newest programme that takes cash referrals; None where there is none."""
    own = select(Programme).where(Programme.agency == unit.principal.agency, Programme.takes_referrals)
    newest = own.order_by(Programme.created.desc(), Programme.id.desc()).limit(1)
    return (await unit.session.scalars(newest)).first()


def _require_applicable(rule: RuleDefinition) -> None:
    if unusable := unusable_columns(rule.columns):
        faults = [Fault(json_pointer(["rule", "columns", name]), reason) for name, reason in unusable.items()]
        raise Invalid("The rule uses columns that a household's profile does not have.", *faults)
    try:
        compile_rule(rule)
    except InvalidRule as error:
        fault = Fault(json_pointer(["rule", *error.path]), error.reason)
        raise Invalid("The rule cannot be applied.", fault) from None
