"""Writing the order to a provider. Payees come from intake while the file is written, and go with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from hashlib import file_digest
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol, TypeAlias
from uuid import UUID, uuid4

from solidary.database import UnitOfWork
from solidary.problems import Conflict, Fault, NotAllowed
from sqlalchemy import select

from cash.bank_messages.pain001 import BadTransfer, write_order
from cash.bank_messages.text import BadText
from cash.bank_messages.transfers import CreditTransfer, LocalAccount
from cash.instructions.models import Instruction
from cash.instructions.schemas import InstructionIn
from cash.intake import MOST_PAYEES, Payee, Payout
from cash.money import Money
from cash.payment_plans.models import PaymentPlan
from cash.payment_plans.rules import Step
from cash.payments import sets
from cash.payments.models import Payment
from cash.payments.rules import PaymentState
from cash.programmes.models import Programme

IN_MEMORY = 8 * 1024 * 1024
File: TypeAlias = "SpooledTemporaryFile[bytes]"
Batch: TypeAlias = list[tuple[Payment, Payee]]
NOT_ORDERED = (PaymentState.PLANNED, PaymentState.CANCELLED)


class Payees(Protocol):
    """Who knows where a household is paid (`cash.intake`)."""

    async def payees(self, packages: Sequence[UUID]) -> list[Payee]: ...


async def dispatch(
    unit: UnitOfWork, payees: Payees, plan_id: UUID, said: InstructionIn
) -> tuple[Instruction, File]:
    """The plan's order, written; its payments are on their way. Raises NotAllowed where a payee is missing."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.move(Step.DISPATCH)
    id_ = uuid4()
    instruction = Instruction(
        id=id_,
        root=plan.id,
        message_id=id_.hex,
        count=plan.payments,
        total=plan.total,
        currency=plan.currency,
        **said.model_dump(),
    )
    unit.add(instruction)
    await unit.flush()
    file = await _write(unit, payees, instruction, await unit.get(Programme, plan.programme_id))
    instruction.sha256 = _digest(file)
    await sets.move(unit, plan.id, PaymentState.RESERVED, PaymentState.SENT)
    await unit.flush()
    return instruction, file


async def again(unit: UnitOfWork, payees: Payees, instruction_id: UUID) -> tuple[Instruction, File]:
    """The same file once more. Raises Conflict where it would not be the same to the byte."""
    instruction = await unit.get(Instruction, instruction_id)
    plan = await unit.get(PaymentPlan, instruction.plan_id)
    file = await _write(unit, payees, instruction, await unit.get(Programme, plan.programme_id))
    if _digest(file) != instruction.sha256:
        raise Conflict("what is known of a payee has changed since the file was handed over")
    return instruction, file


async def _write(unit: UnitOfWork, payees: Payees, instruction: Instruction, programme: Programme) -> File:
    """The engine writes in a thread and asks for each batch; memory does not grow with the plan."""
    loop = asyncio.get_running_loop()

    def next_batch(after: UUID) -> Batch:
        work: Coroutine[Any, Any, Batch] = _batch(unit, payees, instruction.plan_id, after)
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    file: File = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — whoever answers closes it
    try:
        await asyncio.to_thread(write_order, instruction.order(programme), _transfers(next_batch), file)
    except BadTransfer as error:
        raise NotAllowed(
            f"payment {UUID(error.end_to_end_id)}: its payee's name or account cannot be written in an order"
        ) from None
    except BadText as error:
        raise NotAllowed(f"the programme's debtor cannot be written in an order: {error}") from None
    return file


def _transfers(next_batch: Callable[[UUID], Batch]) -> Iterator[CreditTransfer]:
    after = UUID(int=0)
    while batch := next_batch(after):
        for payment, payee in batch:
            assert payee.payout is not None
            yield CreditTransfer(
                end_to_end_id=payment.id.hex,
                amount=Money(payment.amount, payment.currency),
                creditor=payee.name,
                account=_account(payee.payout),
            )
        after = batch[-1][0].id


def _account(payout: Payout) -> LocalAccount:
    return LocalAccount(payout.reference, scheme=None if payout.kind == "account" else payout.kind.upper())


async def _batch(unit: UnitOfWork, payees: Payees, plan: UUID, after: UUID) -> Batch:
    query = (
        select(Payment)
        .where(Payment.root == plan, Payment.id > after, Payment.state.not_in(NOT_ORDERED))
        .order_by(Payment.id)
        .limit(MOST_PAYEES)
    )
    payments = (await unit.session.scalars(query)).all()
    if not payments:
        return []
    known = {
        payee.package_id: payee
        for payee in await payees.payees([payment.account for payment in payments])
        if payee.payout is not None
    }
    missing = [payment for payment in payments if payment.account not in known]
    if missing:
        faults = [
            Fault(f"payment: {payment.id}", "no consent in force, or no account") for payment in missing
        ]
        raise NotAllowed(f"{len(missing)} payees cannot be paid at the moment", *faults)
    return [(payment, known[payment.account]) for payment in payments]


def _digest(file: File) -> str:
    file.seek(0)
    digest = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
