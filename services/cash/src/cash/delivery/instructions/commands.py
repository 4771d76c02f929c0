"""The order to a provider. Payees come from intake while it is written, and are not kept.

Intake is called first, while nothing is written or locked here: a transaction that waits for another service would
hold back everybody's feed. The draft is then compared with the plan, under the plan's lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID, uuid4

from solidary.language.events.cash import PaymentFailed
from solidary.language.problems import Fault
from solidary.platform.database import UnitOfWork
from sqlalchemy import ColumnElement

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.accounting.ledger.rules import TransferKind
from cash.delivery.instructions.files import OrderDraft, OrderFile, sha256_of, write_file
from cash.delivery.instructions.models import Instruction
from cash.delivery.instructions.rules import EXCLUSION_SENTENCES, require_execution_date
from cash.delivery.instructions.schemas import InstructionIn
from cash.delivery.payment_plans.commands import actors_of
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import PlanStep
from cash.delivery.payments import bulk as payments
from cash.delivery.payments.bulk import StatusChange
from cash.delivery.payments.models import Payment
from cash.delivery.payments.rules import ExclusionReason, PaymentState
from cash.intake import MAX_PAYEES, Payee
from cash.problems import PayeeChanged, PaymentsChanged, PlanChangedMeanwhile, PlanNotPayable
from cash.targeting.programmes.models import ProgrammeDebtor

NOT_ORDERED = (PaymentState.PLANNED, PaymentState.CANCELLED)


class PayeeSource(Protocol):
    """The source of payees (`cash.intake.Intake`)."""

    async def payees(self, payments: Sequence[tuple[UUID, UUID]]) -> list[Payee]:
        """Return the payees whose consent is in force, of pairs of a payment and a package."""
        ...


async def draft_order(unit: UnitOfWork, source: PayeeSource, plan_id: UUID) -> OrderDraft:
    """Draft the order of a released plan, with its current payees. Changes nothing. Raises NotFound."""
    await unit.get(PaymentPlan, plan_id)
    return await _draft(unit, source, Payment.root == plan_id, Payment.state == PaymentState.RESERVED)


async def dispatch(
    unit: UnitOfWork, plan_id: UUID, draft: OrderDraft, body: InstructionIn
) -> tuple[Instruction, OrderFile]:
    """Record the plan's order and return its file. Its payments are sent; those that are left out have failed.

    Raises PlanNotPayable where no payment can be ordered, PlanChangedMeanwhile where the plan differs from the draft,
    PaymentsChanged where its payments are not those that were released, ExecutionInThePast, TransitionNotAllowed,
    DebtorNotWritable.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    require_execution_date(body.execution_date, unit.now)
    plan.take_step(PlanStep.DISPATCH, actors_of(unit.principal))
    _require_complete(plan, draft)
    id_ = uuid4()
    instruction = Instruction(
        id=id_,
        root=plan.id,
        message_id=id_.hex,
        payment_count=draft.payment_count,
        total=draft.total,
        currency=plan.currency,
        execution_date=body.execution_date,
        not_sent=sorted(draft.not_sent),
    )
    unit.add(instruction)
    await unit.flush()
    file = await _write_file(unit, instruction, plan, draft)
    instruction.sha256 = sha256_of(file)
    await _leave_out(unit, draft.not_sent)
    await payments.change_state(unit, plan.id, PaymentState.RESERVED, PaymentState.SENT)
    await unit.flush()
    return instruction, file


async def write_again(
    unit: UnitOfWork, source: PayeeSource, instruction_id: UUID
) -> tuple[Instruction, OrderFile]:
    """Write the same file again. Raises PayeeChanged where it would differ by a byte, NotFound."""
    instruction = await unit.get(Instruction, instruction_id)
    plan = await unit.get(PaymentPlan, instruction.plan_id)
    ordered = Payment.state.not_in(NOT_ORDERED), Payment.id.not_in(instruction.not_sent)
    draft = await _draft(unit, source, Payment.root == plan.id, *ordered)
    file = await _write_file(unit, instruction, plan, draft)
    if sha256_of(file) != instruction.sha256:
        raise PayeeChanged
    return instruction, file


async def _draft(unit: UnitOfWork, source: PayeeSource, *conditions: ColumnElement[bool]) -> OrderDraft:
    """Draft the order of the payments that meet the conditions, in batches: memory does not grow with the plan."""
    draft = OrderDraft()
    async for batch in payments.payments_to_order(unit, MAX_PAYEES, *conditions):
        found = await source.payees([(payment.id, payment.account_reference) for payment in batch])
        payees = {payee.package_id: payee for payee in found}
        await asyncio.to_thread(draft.add, batch, payees)
    return draft


def _require_complete(plan: PaymentPlan, draft: OrderDraft) -> None:
    """Check that the payments are those that were approved, each in the order or left out of it by name."""
    drafted = draft.payment_count + len(draft.not_sent)
    if (drafted, draft.approved_total) != (plan.payment_count, plan.total):
        raise PlanChangedMeanwhile
    if draft.content.hexdigest() != plan.content_hash:
        raise PaymentsChanged
    if not draft.payment_count:
        faults = [
            Fault(f"payment: {id_}", EXCLUSION_SENTENCES[reason]) for id_, reason in draft.not_sent.items()
        ]
        raise PlanNotPayable("", *faults)


async def _leave_out(unit: UnitOfWork, not_sent: Mapping[UUID, ExclusionReason]) -> None:
    """Void the reservations of payments that are left out, and publish the reason to the registering agencies."""
    await ledger.resolve_reservations(unit, [Resolution(id_, TransferKind.VOID) for id_ in not_sent])
    locked = await payments.lock_payments(unit, list(not_sent))
    changes = [StatusChange(id_, PaymentState.FAILED, 0, reason) for id_, reason in not_sent.items()]
    await payments.record_status_changes(unit, changes)
    for id_, reason in not_sent.items():
        payment = locked[id_]
        unit.publish(
            PaymentFailed(payment_id=id_, enrolment_id=payment.enrolment_id, not_sent=reason),
            parties=[payment.registered_by],
        )


async def _write_file(
    unit: UnitOfWork, instruction: Instruction, plan: PaymentPlan, draft: OrderDraft
) -> OrderFile:
    debtor = (await unit.get(ProgrammeDebtor, plan.debtor_id)).debtor
    return await asyncio.to_thread(write_file, instruction.order(debtor), draft)
