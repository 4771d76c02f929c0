"""The order to a provider. Payees come from intake while it is written; its file is kept encrypted, for hours.

Intake is called first, while nothing is written or locked here: a transaction that waits for another service would
hold back everybody's feed. The draft is then compared with the plan, under the plan's lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID, uuid4

from solidary.language.events.cash import PaymentFailed
from solidary.language.problems import Fault
from solidary.platform.database import UnitOfWork
from solidary.platform.database.arrays import uuid_array
from sqlalchemy import ColumnElement, all_, select

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.accounting.ledger.rules import TransferKind
from cash.delivery.instructions.encryption import decrypt_file, encrypt_file
from cash.delivery.instructions.files import OrderDraft, OrderFile, sha256_of, write_file
from cash.delivery.instructions.models import KEEP_FILES, Instruction, StoredFile
from cash.delivery.instructions.rules import EXCLUSION_SENTENCES, require_execution_date
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import PaymentPlanState
from cash.delivery.payments import bulk as payments
from cash.delivery.payments.bulk import StatusChange
from cash.delivery.payments.models import Payment
from cash.delivery.payments.rules import ExclusionReason, PaymentState
from cash.intake import BATCH_SIZE, Payee
from cash.problems import (
    OrderFileNotKept,
    PayeeChanged,
    PaymentsChanged,
    PlanChangedMeanwhile,
    PlanNotPayable,
)
from cash.targeting.programmes.models import ProgrammeDebtor

NOT_ORDERED = (PaymentState.PLANNED, PaymentState.CANCELLED)


class Reports(Protocol):
    """The receiver of the progress (`solidary.platform.jobs.Progress`)."""

    async def report(self, done: int, total: int | None = None) -> None: ...


class PayeeSource(Protocol):
    """The source of payees (`cash.intake.Intake`)."""

    async def permit_payees(self, order: UUID, digests: Sequence[bytes]) -> UUID:
        """Record that the human of this request takes an order; return the permit's id."""
        ...

    async def payees(self, permit: UUID, batch: int, payments: Sequence[tuple[UUID, UUID]]) -> list[Payee]:
        """Return the payees of a batch whose consent is in force."""
        ...


@dataclass(frozen=True)
class PermittedOrder:
    """An order whose payees a releaser permitted to be read: the ids of its plan, of itself and of the permit."""

    plan: UUID
    instruction: UUID
    permit: UUID

    @property
    def arguments(self) -> dict[str, str]:
        """The order as arguments of a job."""
        return {
            "plan_id": str(self.plan),
            "instruction_id": str(self.instruction),
            "permit_id": str(self.permit),
        }


async def permit_order(unit: UnitOfWork, source: PayeeSource, plan_id: UUID) -> PermittedOrder | None:
    """Let the releaser of this request permit the order of a plan. Changes nothing here. Raises NotFound, MakerOrders.

    None where the plan is not released: `jobs.start_order` refuses it, unless the request is a repetition.
    """
    plan = await unit.get(PaymentPlan, plan_id)
    if PaymentPlanState(plan.state) is not PaymentPlanState.RELEASED:
        return None
    plan.require_orderer(by=unit.principal.subject)
    return await _permit(unit, source, plan_id, uuid4(), _released(plan_id))


async def permit_again(
    unit: UnitOfWork, source: PayeeSource, instruction: Instruction
) -> PermittedOrder | None:
    """Let the releaser of this request permit that the file of an order is written again. Raises MakerOrders."""
    plan = await unit.get(PaymentPlan, instruction.plan_id)
    plan.require_independent(by=unit.principal.subject)
    return await _permit(unit, source, instruction.plan_id, instruction.id, _ordered(instruction))


def require_payments(order: PermittedOrder | None) -> PermittedOrder:
    """Return the order. Raises PlanNotPayable where there is no payment to be ordered."""
    if order is None:
        raise PlanNotPayable("The plan has no payment whose money is reserved.")
    return order


async def draft_order(
    unit: UnitOfWork, source: PayeeSource, order: PermittedOrder, progress: Reports
) -> OrderDraft:
    """Draft the order of a released plan, with its current payees. Changes nothing.

    Raises NotFound, TransitionNotAllowed, MakerOrders.
    """
    plan = await unit.get(PaymentPlan, order.plan)
    plan.require_orderer(by=unit.principal.subject)
    return await _draft(unit, source, order, progress, _released(order.plan))


async def dispatch(
    unit: UnitOfWork, file_key: bytes, order: PermittedOrder, draft: OrderDraft, day: date
) -> Instruction:
    """Record the plan's order. Its payments are sent; those that are left out have failed.

    Its file is kept, encrypted to the public key `file_key`. Raises PlanNotPayable where no payment can be ordered,
    PlanChangedMeanwhile where the plan differs from the draft, PaymentsChanged where its payments are not those that
    were released, ExecutionDateNotPossible, MakerOrders, TransitionNotAllowed, DebtorNotWritable.
    """
    plan = await unit.lock(PaymentPlan, order.plan)
    require_execution_date(day, unit.now)
    plan.dispatch(by=unit.principal.subject)
    _require_complete(plan, draft)
    instruction = Instruction(
        id=order.instruction,
        root=plan.id,
        message_id=order.instruction.hex,
        payment_count=draft.payment_count,
        total=draft.total,
        currency=plan.currency,
        execution_date=day,
        not_sent=sorted(draft.not_sent),
    )
    unit.add(instruction)
    await unit.flush()
    file = await _write_file(unit, instruction, plan, draft)
    instruction.sha256 = await asyncio.to_thread(sha256_of, file)
    await _keep_file(unit, file_key, instruction, file)
    await _leave_out(unit, draft.not_sent)
    await payments.change_state(unit, plan.id, PaymentState.RESERVED, PaymentState.SENT)
    await unit.flush()
    return instruction


async def draft_again(
    unit: UnitOfWork, source: PayeeSource, order: PermittedOrder, progress: Reports
) -> OrderDraft:
    """Draft an order again, with its current payees. Changes nothing. Raises NotFound."""
    instruction = await unit.get(Instruction, order.instruction)
    return await _draft(unit, source, order, progress, _ordered(instruction))


async def keep_file_again(
    unit: UnitOfWork, file_key: bytes, order: PermittedOrder, draft: OrderDraft
) -> Instruction:
    """Keep the same file again. Raises PayeeChanged where it would differ by a byte, NotFound."""
    instruction = await unit.get(Instruction, order.instruction)
    plan = await unit.get(PaymentPlan, instruction.plan_id)
    file = await _write_file(unit, instruction, plan, draft)
    if await asyncio.to_thread(sha256_of, file) != instruction.sha256:
        raise PayeeChanged
    await _keep_file(unit, file_key, instruction, file)
    return instruction


async def stored_file(unit: UnitOfWork, secret: bytes, instruction: Instruction) -> Iterator[bytes]:
    """Return the chunks of the file that the principal had written. Raises OrderFileNotKept."""
    newest = (
        select(StoredFile)
        .where(StoredFile.root == instruction.plan_id, StoredFile.created > unit.now - KEEP_FILES)
        .order_by(StoredFile.created.desc(), StoredFile.id.desc())
        .limit(1)
    )
    stored = (await unit.session.scalars(newest)).first()
    if stored is None:
        raise OrderFileNotKept
    return await asyncio.to_thread(decrypt_file, secret, stored.id, stored.content)


async def _permit(
    unit: UnitOfWork,
    source: PayeeSource,
    plan: UUID,
    instruction: UUID,
    conditions: Sequence[ColumnElement[bool]],
) -> PermittedOrder | None:
    digests = await payments.digests_to_order(unit, BATCH_SIZE, *conditions)
    if not digests:
        return None
    return PermittedOrder(plan, instruction, await source.permit_payees(instruction, digests))


def _released(plan: UUID) -> tuple[ColumnElement[bool], ...]:
    return Payment.root == plan, Payment.state == PaymentState.RESERVED


def _ordered(instruction: Instruction) -> tuple[ColumnElement[bool], ...]:
    return (
        Payment.root == instruction.plan_id,
        Payment.state.not_in(NOT_ORDERED),
        Payment.id != all_(uuid_array(instruction.not_sent)),
    )


async def _draft(
    unit: UnitOfWork,
    source: PayeeSource,
    order: PermittedOrder,
    progress: Reports,
    conditions: Sequence[ColumnElement[bool]],
) -> OrderDraft:
    """Draft the order of the payments that meet the conditions, in batches: memory does not grow with the plan.

    A batch is written while intake is asked for the next.
    """
    draft, number, done = OrderDraft(), 0, 0
    writing: asyncio.Future[None] = asyncio.ensure_future(asyncio.sleep(0))
    try:
        async for batch in payments.payments_to_order(unit, BATCH_SIZE, *conditions):
            number += 1
            pairs = [(payment.id, payment.account_reference) for payment in batch]
            payees = {payee.package_id: payee for payee in await source.payees(order.permit, number, pairs)}
            await writing
            writing = asyncio.ensure_future(asyncio.to_thread(draft.add, batch, payees))
            done += len(batch)
            await progress.report(done)
    finally:
        await writing
    return draft


async def _keep_file(unit: UnitOfWork, file_key: bytes, instruction: Instruction, file: OrderFile) -> None:
    id_ = uuid4()
    content = await asyncio.to_thread(encrypt_file, file_key, id_, file)
    unit.add(StoredFile(id=id_, root=instruction.plan_id, content=content))
    await unit.flush()


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
