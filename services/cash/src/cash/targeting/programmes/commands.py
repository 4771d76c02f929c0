"""The commands of programmes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from solidary.language.problems import Fault, Invalid, json_pointer
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import add_external_ids
from sqlalchemy import select

from cash.accounting.budget_lines.models import BudgetLine
from cash.engines.bank_messages.pain001 import MAX_ACCOUNT_NUMBER, MAX_NAME
from cash.engines.bank_messages.text import Alphabet, InvalidText, format_identifier, format_text
from cash.engines.entitlement.definition import RuleDefinition
from cash.engines.entitlement.rule import InvalidRule, compile_rule
from cash.targeting.profiles.rules import unusable_columns
from cash.targeting.programmes.models import Programme, ProgrammeApprovalTier, ProgrammeDebtor
from cash.targeting.programmes.records import DebtorRecord, RuleRecord
from cash.targeting.programmes.schemas import DebtorIn, ProgrammeIn


async def start_programme(unit: UnitOfWork, body: ProgrammeIn) -> Programme:
    """Start a programme on a budget line that the agency owns or may draw on.

    Raises Invalid where the rule cannot be applied or pays in another currency, or where no bank can write the debtor,
    and NotFound for the budget line.
    """
    _require_applicable(body.rule)
    debtor = _writable(body.debtor, "debtor")
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
        rule=RuleRecord.of(body.rule),
        takes_referrals=body.takes_referrals,
        account_rest_days=body.account_rest_days,
    )
    unit.add(programme)
    await unit.flush()
    unit.add(ProgrammeDebtor(root=programme.id, debtor=debtor))
    tiers = [ProgrammeApprovalTier(root=programme.id, **tier.model_dump()) for tier in body.approval_tiers]
    unit.add(*tiers)
    await unit.flush()
    await add_external_ids(unit, "programme", {programme.id: body.external_ids})
    return programme


async def correct_debtor(unit: UnitOfWork, programme_id: UUID, body: DebtorIn) -> ProgrammeDebtor:
    """Correct the party whose account pays. Plans whose amounts are computed from now on have it; others keep theirs.

    The person who corrects it counts as a maker of those plans. Raises NotFound, Invalid.
    """
    programme = await unit.get(Programme, programme_id)
    debtor = ProgrammeDebtor(root=programme.id, debtor=_writable(body))
    unit.add(debtor)
    await unit.flush()
    return debtor


async def newest_for_referrals(unit: UnitOfWork) -> Programme | None:
    """Return the agency's newest programme that takes cash referrals; None where there is none."""
    own = select(Programme).where(Programme.agency == unit.principal.agency, Programme.takes_referrals)
    newest = own.order_by(Programme.created.desc(), Programme.id.desc()).limit(1)
    return (await unit.session.scalars(newest)).first()


def _writable(debtor: DebtorIn, *place: str) -> DebtorRecord:
    """Return the record of a debtor. Raises Invalid where it cannot be written into a payment order."""
    fields: list[tuple[tuple[str, ...], Callable[[], object]]] = [
        (("name",), lambda: format_text(debtor.name, Alphabet.LATIN, MAX_NAME)),
        (("account", "number"), lambda: format_identifier(debtor.account.number, MAX_ACCOUNT_NUMBER)),
    ]
    for name, write in fields:
        try:
            write()
        except InvalidText as error:
            fault = Fault(json_pointer([*place, *name]), str(error))
            raise Invalid("The debtor cannot be written into a payment order.", fault) from None
    return DebtorRecord(
        name=debtor.name,
        account_number=debtor.account.number,
        account_type=debtor.account.type,
        bic=debtor.bic,
    )


def _require_applicable(rule: RuleDefinition) -> None:
    if unusable := unusable_columns(rule.columns):
        faults = [Fault(json_pointer(["rule", "columns", name]), reason) for name, reason in unusable.items()]
        raise Invalid("The rule uses columns that a household's profile does not have.", *faults)
    try:
        compile_rule(rule)
    except InvalidRule as error:
        fault = Fault(json_pointer(["rule", *error.path]), error.reason)
        raise Invalid("The rule cannot be applied.", fault) from None
