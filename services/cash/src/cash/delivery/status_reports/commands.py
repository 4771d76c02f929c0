"""Taking in a provider's answer: all of a file, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.delivery.instructions.models import Instruction
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import PlanState, Step
from cash.delivery.payments import rules, sets
from cash.delivery.payments.rules import PaymentState
from cash.delivery.payments.sets import Followed, Known
from cash.delivery.status_reports.models import Contradiction, StatusReport
from cash.delivery.status_reports.rules import DELIVERIES, Outcome, each_once, outcome, settles
from cash.engines.bank_messages.reports import PaymentReport, StatusReportFile
from cash.engines.money import Money

AT_ONCE = 5000
TOLD_FAILED = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.RETURNED)


@dataclass(frozen=True, slots=True)
class Change:
    """What a file changes of a payment; `reason` is the provider's code."""

    payment: Known
    outcome: Outcome
    reason: str | None


async def take_in(unit: UnitOfWork, file: Path) -> StatusReport:
    """Reads a pain.002, camt.053 or camt.054. The same file again is refused by the database."""
    try:
        contradictions: list[Contradiction] = []
        source = StatusReportFile(file)
        report = _new(file, source)
        reports = iter(source)
        while batch := list(islice(reports, AT_ONCE)):
            for part in each_once(batch, _payment_id):
                contradictions += await _take_batch(unit, report, part)
        if not report.matched + report.unmatched:
            contradictions += await _take_order(unit, report, source)
    except (InvalidInput, CommandError) as error:
        raise Invalid("the file is not an answer that can be read", _fault(error, file)) from None
    report.contradictions = len(contradictions)
    unit.add(report)
    await unit.flush()
    unit.add(*contradictions)
    return report


def _new(file: Path, source: StatusReportFile) -> StatusReport:
    id_, digest = uuid4(), sha256(file.read_bytes()).hexdigest()
    return StatusReport(
        id=id_,
        root=id_,
        sha256=digest,
        message=source.message,
        version=source.version,
        matched=0,
        unmatched=0,
        contradictions=0,
    )


async def _take_order(
    unit: UnitOfWork, report: StatusReport, source: StatusReportFile
) -> list[Contradiction]:
    """A word on the whole order, without its payments, is one on each of them: so banks refuse a file."""
    contradictions: list[Contradiction] = []
    if source.group_status is None:
        return contradictions
    ours = Instruction.agency == unit.principal.agency, Instruction.message_id == source.original_message
    instruction = await unit.session.scalar(select(Instruction).where(*ours))
    if instruction is None:
        report.unmatched += 1
        return contradictions
    async for ids in sets.ordered(unit, instruction.plan_id):
        word = source.group_status, source.group_reason, None, None
        contradictions += await _take_batch(unit, report, [PaymentReport(id_.hex, *word) for id_ in ids])
    return contradictions


async def _take_batch(
    unit: UnitOfWork, report: StatusReport, batch: Sequence[PaymentReport]
) -> list[Contradiction]:
    """What follows from the reports; those that nothing may follow from are given back."""
    payments = await sets.known(unit, [id_ for each in batch if (id_ := _payment_id(each))])
    changed: dict[UUID, Change] = {}
    settled: set[UUID] = set()
    contradictions: list[Contradiction] = []
    for each in batch:
        payment = payments.get(_payment_id(each) or UUID(int=0))
        if payment is None:
            report.unmatched += 1
            continue
        report.matched += 1
        try:
            after = outcome(report.message, each, payment.state, Money(payment.amount, payment.currency))
        except rules.Contradiction as ruled:
            contradictions.append(Contradiction.of(report, payment, each, ruled))
            continue
        if after is not None:
            changed[payment.id] = Change(payment, after, each.reason)
        if settles(report.message, each):
            settled.add(payment.id)
    await _apply(unit, changed)
    await ledger.settle(unit, sorted(settled))
    return contradictions


async def _apply(unit: UnitOfWork, changed: Mapping[UUID, Change]) -> None:
    """The ledger first: the database lets a payment be only where its money is."""
    outcomes = {id_: change.outcome for id_, change in changed.items()}
    await ledger.resolve(
        unit,
        [
            Resolution(id_, each.resolved, each.delivered or None)
            for id_, each in outcomes.items()
            if each.resolved is not None
        ],
    )
    await ledger.come_back(unit, [id_ for id_, each in outcomes.items() if each.came_back])
    await sets.follow(
        unit,
        [
            Followed(id_, change.outcome.state, change.outcome.delivered, change.reason)
            for id_, change in changed.items()
        ],
    )
    for change in changed.values():
        _tell(unit, change)
    for plan in {change.payment.plan for change in changed.values()}:
        await _reconcile(unit, plan)


def _tell(unit: UnitOfWork, change: Change) -> None:
    payment, state = change.payment, change.outcome.state
    named = {
        "payment_id": payment.id,
        "household_id": payment.household_id,
        "programme_id": payment.programme_id,
    }
    if state in DELIVERIES:
        unit.publish(PaymentDelivered(**named), parties=[payment.registered_by])
    elif state in TOLD_FAILED:
        unit.publish(PaymentFailed(**named, reason=change.reason), parties=[payment.registered_by])


async def _reconcile(unit: UnitOfWork, plan_id: UUID) -> None:
    """The plan has heard from its provider, and is reconciled once no payment is under way."""
    plan = await unit.lock(PaymentPlan, plan_id)
    if PlanState(plan.state) not in (PlanState.DISPATCHED, PlanState.RECONCILING):
        return
    plan.move(Step.RECEIVE)
    await unit.flush()
    if not await sets.under_way(unit, plan_id):
        plan.move(Step.RECONCILE)
        await unit.flush()


def _payment_id(report: PaymentReport) -> UUID | None:
    try:
        return UUID(hex=report.end_to_end_id or "")
    except ValueError:
        return None


def _fault(error: InvalidInput | CommandError, file: Path) -> Fault:
    if isinstance(error, InvalidInput):
        return Fault(error.place or "line 1", error.reason)
    return Fault("line 1", str(error).removeprefix(f"{file}: "))
