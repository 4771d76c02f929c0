"""The import of a provider's report: all of a file, or nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Progress
from sqlalchemy import select

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.delivery.instructions.models import Instruction
from cash.delivery.payment_plans.commands import reconcile
from cash.delivery.payments import bulk as payments
from cash.delivery.payments.bulk import LockedPayment, StatusChange
from cash.delivery.payments.rules import Contradiction, PaymentState
from cash.delivery.status_reports import bulk
from cash.delivery.status_reports.models import ReportContradiction, StatusReport, StatusReportUpload
from cash.delivery.status_reports.packing import payment_id, unpack
from cash.delivery.status_reports.records import UploadRecord
from cash.delivery.status_reports.rules import DELIVERED_STATES, BookedEntry, Outcome, ReportedPayment, waves
from cash.engines.bank_messages.reports import PaymentReport
from cash.engines.money import Money

BATCH_SIZE = 5000


async def import_upload(unit: UnitOfWork, progress: Progress, upload_id: UUID) -> StatusReport:
    """Import an uploaded pain.002, camt.053 or camt.054. Raises StatusReportAlreadyImported.

    It is one transaction: an attempt that ends early has changed nothing, and the next one begins again.
    """
    upload = await unit.get(StatusReportUpload, upload_id)
    record = upload.content
    status_report = StatusReport(
        sha256=upload.sha256,
        message=record.message,
        version=record.message_version,
        order_message=record.original_message,
        matched=0,
        unmatched=record.strangers,
        contradictions=0,
    )
    unit.add(status_report)
    await unit.flush()
    running = _Import(unit, status_report)
    reports, done = unpack(upload.body), 0
    while batch := await asyncio.to_thread(lambda: list(islice(reports, BATCH_SIZE))):
        await running.apply(batch)
        done += len(batch)
        await progress.report(done)
    await running.apply_to_order(record)
    await running.finish()
    await unit.session.delete(upload)
    return status_report


@dataclass
class _Import:
    """The import of one file. `named` are the payments that it names, `plans` those that it changed."""

    unit: UnitOfWork
    status_report: StatusReport
    named: set[UUID] = field(default_factory=set)
    plans: set[UUID] = field(default_factory=set)
    contradictions: dict[tuple[object, ...], ReportContradiction] = field(default_factory=dict)

    async def apply(self, reports: Sequence[PaymentReport]) -> None:
        """Apply reports in their order, and write their events. The number of statements does not grow with theirs."""
        ids = {id_ for report in reports if (id_ := payment_id(report))}
        locked = await payments.lock_payments(self.unit, sorted(ids))
        entries = await bulk.booked_entries(self.unit, self.status_report.id, list(locked))
        reported: dict[UUID, ReportedPayment] = {}
        for report in reports:
            payment = locked.get(payment_id(report) or UUID(int=0))
            if payment is None:
                self.status_report.unmatched += 1
                continue
            self.status_report.matched += 1
            if payment.id not in reported:
                reported[payment.id] = _reported(payment, entries.get(payment.id, ()))
            current = reported[payment.id]
            try:
                current.apply(self.status_report.message, report)
            except Contradiction as error:
                self._contradict(payment, current.state, report, error.explanation)
        self.named.update(reported)
        await self._write(locked, reported)
        await self.unit.write_outbox()

    async def apply_to_order(self, source: UploadRecord) -> None:
        """Apply a status of the whole order to each of its payments that the file does not name."""
        if source.group_status is None or source.original_message is None:
            return
        own = (
            Instruction.agency == self.unit.principal.agency,
            Instruction.message_id == source.original_message,
        )
        instruction = await self.unit.session.scalar(select(Instruction).where(*own))
        if instruction is None:
            self.status_report.unmatched += not self.status_report.matched + self.status_report.unmatched
            return
        async for ids in self._ordered_payments(instruction.plan_id):
            await self.apply(
                [
                    PaymentReport(
                        id_.hex,
                        source.group_status,
                        source.group_reason,
                        None,
                        None,
                        order=instruction.message_id,
                    )
                    for id_ in ids
                    if id_ not in self.named
                ]
            )

    async def finish(self) -> None:
        """Record the contradictions, and advance the plans."""
        self.status_report.contradictions = sum(each.occurrences for each in self.contradictions.values())
        self.unit.add(*self.contradictions.values())
        await self.unit.flush()
        for plan in sorted(self.plans):
            await reconcile(self.unit, plan)

    async def _ordered_payments(self, plan: UUID) -> AsyncIterator[list[UUID]]:
        """Yield the ids of the payments in a plan's order, in batches."""
        after = UUID(int=0)
        while ids := await bulk.ordered_payments(self.unit, plan, after, BATCH_SIZE):
            yield ids
            after = ids[-1]

    def _contradict(
        self, payment: LockedPayment, state: PaymentState, report: PaymentReport, explanation: str
    ) -> None:
        key = payment.id, state, report.status, report.reason, explanation
        if key in self.contradictions:
            self.contradictions[key].occurrences += 1
            return
        self.contradictions[key] = ReportContradiction(
            root=self.status_report.id,
            payment_id=payment.id,
            state=state,
            status=report.status,
            reason=report.reason,
            explanation=explanation,
            occurrences=1,
        )

    async def _write(self, locked: dict[UUID, LockedPayment], reported: dict[UUID, ReportedPayment]) -> None:
        """Change the ledger first, because the database accepts a state of a payment only where its money is."""
        for wave in waves(reported):
            await self._write_wave([(locked[id_], outcome) for id_, outcome in wave])
        entries = [(id_, entry) for id_, payment in reported.items() for entry in payment.added]
        await bulk.add_entries(self.unit, self.status_report.id, entries)
        await ledger.settle(self.unit, sorted(id_ for id_, payment in reported.items() if payment.is_settled))

    async def _write_wave(self, changes: Sequence[tuple[LockedPayment, Outcome]]) -> None:
        resolutions = [
            Resolution(payment.id, outcome.resolution, outcome.delivered_amount or None)
            for payment, outcome in changes
            if outcome.resolution is not None
        ]
        await ledger.resolve_reservations(self.unit, resolutions)
        await ledger.record_late_return(
            self.unit, [payment.id for payment, outcome in changes if outcome.is_late_return]
        )
        status_changes = [
            StatusChange(payment.id, outcome.state, outcome.delivered_amount, outcome.reason)
            for payment, outcome in changes
        ]
        await payments.record_status_changes(self.unit, status_changes, self.status_report.id)
        for payment, outcome in changes:
            self.plans.add(payment.plan)
            self._publish(payment, outcome)

    def _publish(self, payment: LockedPayment, outcome: Outcome) -> None:
        event_fields = {"payment_id": payment.id, "enrolment_id": payment.enrolment_id}
        if outcome.state in DELIVERED_STATES:
            self.unit.publish(PaymentDelivered(**event_fields), parties=[payment.registered_by])
        elif outcome.state is PaymentState.RETURNED:
            failed = PaymentFailed(**event_fields, reason=outcome.reason)
            self.unit.publish(failed, parties=[payment.registered_by])


def _reported(payment: LockedPayment, entries: Sequence[BookedEntry]) -> ReportedPayment:
    return ReportedPayment(
        state=payment.state,
        entitled=Money(payment.amount, payment.currency),
        delivered_amount=payment.delivered_amount,
        order=payment.order,
        entries=tuple(entries),
    )
