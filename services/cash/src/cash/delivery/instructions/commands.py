"""Writing the order to a provider. Payees come from intake while the file is written, and go with it.

Intake is asked first, while nothing is written or locked here: a transaction that waits for another service would
hold back everybody's feed. What was drawn up is then held against the plan, under its lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Protocol, TypeAlias
from uuid import UUID, uuid4

from solidary.language.events.cash import PaymentFailed
from solidary.language.problems import Conflict, Fault, NotAllowed
from solidary.platform.database import UnitOfWork
from sqlalchemy import ColumnElement, select

from cash.accounting.ledger import commands as ledger
from cash.accounting.ledger.commands import Resolution
from cash.accounting.ledger.transfers import Kind
from cash.delivery.instructions.models import Instruction
from cash.delivery.instructions.rules import not_sent
from cash.delivery.instructions.schemas import InstructionIn
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import Step
from cash.delivery.payments import sets
from cash.delivery.payments.models import Payment
from cash.delivery.payments.rules import NotSent, PaymentState
from cash.delivery.payments.sets import Followed
from cash.engines.bank_messages.orders import CreditTransfer, LocalAccount, PaymentOrder
from cash.engines.bank_messages.pain001 import FOOTER, format_header, format_transfer
from cash.engines.bank_messages.text import Alphabet, InvalidText
from cash.engines.money import Money
from cash.intake import MOST_PAYEES, Payee, Payout
from cash.targeting.programmes.models import Programme

IN_MEMORY = 8 * 1024 * 1024
File: TypeAlias = "SpooledTemporaryFile[bytes]"
NOT_ORDERED = (PaymentState.PLANNED, PaymentState.CANCELLED)


class Payees(Protocol):
    """Who knows where a household is paid (`cash.intake`)."""

    async def payees(self, packages: Sequence[UUID]) -> list[Payee]: ...


def _new_file() -> File:
    return SpooledTemporaryFile(max_size=IN_MEMORY)


@dataclass
class Draft:
    """The transfers of an order as they will stand in it, and whom it leaves out. `agreed` and `total` in minor
    units: of all payments, and of those in the order."""

    transfers: File = field(default_factory=_new_file)
    count: int = 0
    total: int = 0
    agreed: int = 0
    not_sent: dict[UUID, NotSent] = field(default_factory=dict)

    def take(self, payments: Sequence[Payment], payees: Mapping[UUID, Payee]) -> None:
        """The next payments, each written or left out."""
        for payment in payments:
            self.agreed += payment.amount
            reason = self._write(payment, payees.get(payment.account))
            if reason is not None:
                self.not_sent[payment.id] = reason

    def _write(self, payment: Payment, payee: Payee | None) -> NotSent | None:
        reason = not_sent(payment.account_version, payee)
        if reason is not None or payee is None or payee.payout is None:
            return reason
        transfer = CreditTransfer(
            end_to_end_id=payment.id.hex,
            amount=Money(payment.amount, payment.currency),
            creditor=payee.name,
            account=_account(payee.payout),
        )
        try:
            self.transfers.write(format_transfer(transfer, payment.currency, Alphabet.LATIN))
        except InvalidText:
            return NotSent.NOT_WRITABLE
        self.count += 1
        self.total += payment.amount
        return None


async def draw_up(unit: UnitOfWork, payees: Payees, plan_id: UUID) -> Draft:
    """The transfers of a released plan, with its payees as intake tells them now. Changes nothing."""
    await unit.get(PaymentPlan, plan_id)
    return await _draft(unit, payees, Payment.root == plan_id, Payment.state == PaymentState.RESERVED)


async def dispatch(
    unit: UnitOfWork, plan_id: UUID, draft: Draft, said: InstructionIn
) -> tuple[Instruction, File]:
    """The plan's order, whole; its payments are on their way. Whom it leaves out is told, and may be paid anew.

    Raises NotAllowed where nobody at all can be paid: such a plan is cancelled. Raises Conflict where the plan has
    changed since the draft.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.move(Step.DISPATCH)
    _require_whole(plan, draft)
    id_ = uuid4()
    instruction = Instruction(
        id=id_,
        root=plan.id,
        message_id=id_.hex,
        count=draft.count,
        total=draft.total,
        currency=plan.currency,
        not_sent=sorted(draft.not_sent),
        **said.model_dump(),
    )
    unit.add(instruction)
    await unit.flush()
    file = await _whole(instruction, await unit.get(Programme, plan.programme_id), draft)
    instruction.sha256 = _digest(file)
    await _leave_out(unit, draft.not_sent)
    await sets.move(unit, plan.id, PaymentState.RESERVED, PaymentState.SENT)
    await unit.flush()
    return instruction, file


async def again(unit: UnitOfWork, payees: Payees, instruction_id: UUID) -> tuple[Instruction, File]:
    """The same file once more. Raises Conflict where it would not be the same to the byte."""
    instruction = await unit.get(Instruction, instruction_id)
    plan = await unit.get(PaymentPlan, instruction.plan_id)
    ordered = Payment.state.not_in(NOT_ORDERED), Payment.id.not_in(instruction.not_sent)
    draft = await _draft(unit, payees, Payment.root == plan.id, *ordered)
    file = await _whole(instruction, await unit.get(Programme, plan.programme_id), draft)
    if _digest(file) != instruction.sha256:
        raise Conflict("what is known of a payee has changed since the file was handed over")
    return instruction, file


async def _draft(unit: UnitOfWork, payees: Payees, *which: ColumnElement[bool]) -> Draft:
    """Batch by batch; memory does not grow with the plan."""
    draft, after = Draft(), UUID(int=0)
    while payments := await _batch(unit, after, *which):
        known = {payee.package_id: payee for payee in await payees.payees([p.account for p in payments])}
        await asyncio.to_thread(draft.take, payments, known)
        after = payments[-1].id
    return draft


async def _batch(unit: UnitOfWork, after: UUID, *which: ColumnElement[bool]) -> Sequence[Payment]:
    query = select(Payment).where(Payment.id > after, *which).order_by(Payment.id).limit(MOST_PAYEES)
    return (await unit.session.scalars(query)).all()


def _require_whole(plan: PaymentPlan, draft: Draft) -> None:
    """Everybody who was agreed to is either in the order or named beside it."""
    if (draft.count + len(draft.not_sent), draft.agreed) != (plan.payments, plan.total):
        raise Conflict("the plan has changed while its order was drawn up")
    if not draft.count:
        faults = [Fault(f"payment: {id_}", reason) for id_, reason in draft.not_sent.items()]
        raise NotAllowed("nobody in this plan can be paid at the moment; it may be cancelled", *faults)


async def _leave_out(unit: UnitOfWork, left_out: Mapping[UUID, NotSent]) -> None:
    """Their money is available again, and who registered them learns why: the person is told, and chooses."""
    await ledger.resolve(unit, [Resolution(id_, Kind.VOID) for id_ in left_out])
    payments = await sets.known(unit, list(left_out))
    await sets.follow(
        unit, [Followed(id_, PaymentState.FAILED, 0, reason) for id_, reason in left_out.items()]
    )
    for id_, reason in left_out.items():
        payment = payments[id_]
        unit.publish(
            PaymentFailed(
                payment_id=id_,
                household_id=payment.household_id,
                programme_id=payment.programme_id,
                not_sent=reason,
            ),
            parties=[payment.registered_by],
        )


async def _whole(instruction: Instruction, programme: Programme, draft: Draft) -> File:
    return await asyncio.to_thread(_put_together, instruction.order(programme), draft)


def _put_together(order: PaymentOrder, draft: Draft) -> File:
    file = _new_file()
    try:
        file.write(format_header(order))
    except InvalidText as error:
        raise NotAllowed(f"the programme's debtor cannot be written in an order: {error}") from None
    with draft.transfers as transfers:
        transfers.seek(0)
        copyfileobj(transfers, file)
    file.write(FOOTER)
    return file


def _account(payout: Payout) -> LocalAccount:
    return LocalAccount(payout.reference, scheme=None if payout.kind == "account" else payout.kind.upper())


def _digest(file: File) -> str:
    file.seek(0)
    digest = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
