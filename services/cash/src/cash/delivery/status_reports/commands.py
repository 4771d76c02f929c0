"""The import of a provider's report: all of a file, or nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from uuid import UUID

from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.delivery.instructions.models import Instruction
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import PaymentPlanState, PlanActor, PlanStep
from cash.delivery.payments import bulk as payments
from cash.delivery.payments.bulk import LockedPayment, StatusChange
from cash.delivery.payments.rules import Contradiction, PaymentState
from cash.delivery.status_reports.models import ReportContradiction, StatusReport
from cash.delivery.status_reports.rules import (
    DELIVERED_STATES,
    Outcome,
    is_settlement,
    outcome_of,
    split_repetitions,
)
from cash.delivery.status_reports.statements import ORDERED_PAYMENTS
from cash.engines.bank_messages.reports import PaymentReport, StatusReportFile
from cash.engines.money import Money

BATCH_SIZE = 5000
FAILED_STATES = (PaymentState.FAILED, PaymentState.RETURNED)
"""The states that are published as PaymentFailed."""


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of a file on a payment; `reason` is the provider's code."""

    payment: LockedPayment
    outcome: Outcome
    reason: str | None


async def import_report(unit: UnitOfWork, file: Path) -> StatusReport:
    """Import a pain.002, camt.053 or camt.054. Raises Invalid, StatusReportAlreadyImported."""
    try:
        contradictions: list[ReportContradiction] = []
        source = StatusReportFile(file)
        status_report = _new_report(file, source)
        reports = iter(source)
        while batch := list(islice(reports, BATCH_SIZE)):
            for part in split_repetitions(batch, _payment_id):
                contradictions += await _apply_reports(unit, status_report, part)
        if not status_report.matched + status_report.unmatched:
            contradictions += await _apply_to_order(unit, status_report, source)
    except (InvalidInput, CommandError) as error:
        raise Invalid("The file is not a report that can be read.", _fault(error, file)) from None
    status_report.contradictions = len(contradictions)
    unit.add(status_report)
    await unit.flush()
    unit.add(*contradictions)
    return status_report


def _new_report(file: Path, source: StatusReportFile) -> StatusReport:
    return StatusReport(
        sha256=sha256(file.read_bytes()).hexdigest(),
        message=source.message,
        version=source.version,
        matched=0,
        unmatched=0,
        contradictions=0,
    )


async def _apply_to_order(
    unit: UnitOfWork, status_report: StatusReport, source: StatusReportFile
) -> list[ReportContradiction]:
    """Apply a status of the whole order to each of its payments: banks refuse a file in this way."""
    contradictions: list[ReportContradiction] = []
    if source.group_status is None:
        return contradictions
    own = Instruction.agency == unit.principal.agency, Instruction.message_id == source.original_message
    instruction = await unit.session.scalar(select(Instruction).where(*own))
    if instruction is None:
        status_report.unmatched += 1
        return contradictions
    async for ids in _ordered_payments(unit, instruction.plan_id):
        reports = [
            PaymentReport(id_.hex, source.group_status, source.group_reason, None, None) for id_ in ids
        ]
        contradictions += await _apply_reports(unit, status_report, reports)
    return contradictions


async def _ordered_payments(unit: UnitOfWork, plan: UUID) -> AsyncIterator[list[UUID]]:
    """Yield the ids of the payments in a plan's order, in batches."""
    after = UUID(int=0)
    while True:
        parameters = {"plan": plan, "after": after, "limit": BATCH_SIZE}
        ids = list(await unit.session.scalars(ORDERED_PAYMENTS, parameters))
        if not ids:
            return
        yield ids
        after = ids[-1]


async def _apply_reports(
    unit: UnitOfWork, status_report: StatusReport, reports: Sequence[PaymentReport]
) -> list[ReportContradiction]:
    """Apply reports, each on another payment. Return the contradictions, which change nothing."""
    ids = [id_ for report in reports if (id_ := _payment_id(report))]
    locked = await payments.lock_payments(unit, ids)
    changes: dict[UUID, Change] = {}
    settled: set[UUID] = set()
    contradictions: list[ReportContradiction] = []
    for report in reports:
        payment = locked.get(_payment_id(report) or UUID(int=0))
        if payment is None:
            status_report.unmatched += 1
            continue
        status_report.matched += 1
        entitled = Money(payment.amount, payment.currency)
        try:
            outcome = outcome_of(status_report.message, report, payment.state, entitled)
        except Contradiction as error:
            contradiction = ReportContradiction.of(status_report, payment, report, error.explanation)
            contradictions.append(contradiction)
            continue
        if outcome is not None:
            changes[payment.id] = Change(payment, outcome, report.reason)
        if is_settlement(status_report.message, report):
            settled.add(payment.id)
    await _apply_changes(unit, changes)
    await ledger.settle(unit, sorted(settled))
    return contradictions


async def _apply_changes(unit: UnitOfWork, changes: Mapping[UUID, Change]) -> None:
    """Change the ledger first, because the database accepts a state of a payment only where its money is."""
    outcomes = {id_: change.outcome for id_, change in changes.items()}
    resolutions = [
        Resolution(id_, each.resolution, each.delivered_amount or None)
        for id_, each in outcomes.items()
        if each.resolution is not None
    ]
    await ledger.resolve_reservations(unit, resolutions)
    await ledger.record_late_return(unit, [id_ for id_, each in outcomes.items() if each.is_late_return])
    status_changes = [
        StatusChange(id_, change.outcome.state, change.outcome.delivered_amount, change.reason)
        for id_, change in changes.items()
    ]
    await payments.record_status_changes(unit, status_changes)
    for change in changes.values():
        _publish(unit, change)
    for plan in {change.payment.plan for change in changes.values()}:
        await _reconcile(unit, plan)


def _publish(unit: UnitOfWork, change: Change) -> None:
    payment, state = change.payment, change.outcome.state
    event_fields = {
        "payment_id": payment.id,
        "household_id": payment.household_id,
        "programme_id": payment.programme_id,
    }
    if state in DELIVERED_STATES:
        unit.publish(PaymentDelivered(**event_fields), parties=[payment.registered_by])
    elif state in FAILED_STATES:
        failed = PaymentFailed(**event_fields, reason=change.reason)
        unit.publish(failed, parties=[payment.registered_by])


async def _reconcile(unit: UnitOfWork, plan_id: UUID) -> None:
    """Record that the plan has a report. It is reconciled when none of its payments is unfinished."""
    plan = await unit.lock(PaymentPlan, plan_id)
    if PaymentPlanState(plan.state) not in (PaymentPlanState.DISPATCHED, PaymentPlanState.RECONCILING):
        return
    plan.take_step(PlanStep.RECEIVE_REPORT, (PlanActor.PROVIDER,))
    await unit.flush()
    if not await payments.count_unfinished(unit, plan_id):
        plan.take_step(PlanStep.RECONCILE, (PlanActor.PROVIDER,))
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
