"""The writing of an order's file as long work, and the timer that deletes files.

A releaser asks and is refused at once where no work could succeed. The worker reads the payees after they have left, by
the permit that they gave to intake.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from solidary.platform.clients import Cause, ServiceClients
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work

from cash.delivery.instructions import commands
from cash.delivery.instructions.commands import PermittedOrder
from cash.delivery.instructions.models import KEEP_FILES, Instruction
from cash.delivery.instructions.rules import require_execution_date
from cash.delivery.instructions.statements import DELETE_ORDER_FILES
from cash.delivery.payment_plans.models import PaymentPlan
from cash.intake import Intake

jobs = Jobs()


@jobs.long(lock="plan_id")
async def order_payments(
    unit: UnitOfWork,
    progress: Progress,
    clients: ServiceClients,
    plan_id: str,
    instruction_id: str,
    permit_id: str,
    file_key: str,
    execution_date: str,
) -> str:
    """Write the order of a released plan in the name of the releaser who asked. Return its path."""
    order = PermittedOrder(UUID(plan_id), UUID(instruction_id), UUID(permit_id))
    async with progress.separate_unit() as reading:
        draft = await commands.draft_order(reading, _intake(unit, clients, order), order, progress)
    day = date.fromisoformat(execution_date)
    return (await commands.dispatch(unit, bytes.fromhex(file_key), order, draft, day)).location


@jobs.long(lock="plan_id")
async def write_order_again(
    unit: UnitOfWork,
    progress: Progress,
    clients: ServiceClients,
    plan_id: str,
    instruction_id: str,
    permit_id: str,
    file_key: str,
) -> str:
    """Write the file of an order again for the releaser who asked. Return the path of the order."""
    order = PermittedOrder(UUID(plan_id), UUID(instruction_id), UUID(permit_id))
    async with progress.separate_unit() as reading:
        draft = await commands.draft_again(reading, _intake(unit, clients, order), order, progress)
    return (await commands.keep_file_again(unit, bytes.fromhex(file_key), order, draft)).location


@jobs.timer("23 * * * *", retention=True)
async def delete_order_files(database: Database) -> None:
    """Delete the files that nobody may download any more."""
    async with database.session_without_scope() as session:
        await session.execute(DELETE_ORDER_FILES, {"before": datetime.now(UTC) - KEEP_FILES})
        await session.commit()


async def start_order(
    unit: UnitOfWork, plan_id: UUID, order: PermittedOrder | None, day: date, file_key: bytes
) -> Work:
    """Start to write a plan's order. Raises NotFound, MakerOrders, TransitionNotAllowed, ExecutionDateNotPossible.

    `order` is None where the plan has no payment to be ordered. The file is encrypted to the public key `file_key`.
    """
    plan = await unit.get(PaymentPlan, plan_id)
    require_execution_date(day, unit.now)
    plan.require_orderer(by=unit.principal.subject)
    order = commands.require_payments(order)
    return await start_work(
        unit,
        order_payments,
        total=plan.payment_count,
        execution_date=day.isoformat(),
        file_key=file_key.hex(),
        **order.arguments,
    )


async def start_again(
    unit: UnitOfWork, instruction: Instruction, order: PermittedOrder | None, file_key: bytes
) -> Work:
    """Start to write the file of an order again, encrypted to the public key `file_key`."""
    arguments = commands.require_payments(order).arguments | {"file_key": file_key.hex()}
    return await start_work(unit, write_order_again, total=instruction.payment_count, **arguments)


def _intake(unit: UnitOfWork, clients: ServiceClients, order: PermittedOrder) -> Intake:
    cause = Cause("payment_order", order.instruction, unit.principal.on_behalf_of)
    return Intake.of(clients, unit.principal.agency, cause)
