"""The steps of a plan that touch each of its payments. A no that can be known at once is said at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, LongJob, Progress, Work, start_work
from sqlalchemy import text

from cash.delivery.payment_plans import commands
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import Step

ABANDONED_AFTER = timedelta(days=14)
"""Without a step or a yes. Half a cycle: who was left out because of it can still be paid in this one."""
ABANDONED = text("SELECT id, agency FROM machinery.abandoned_plans(:before)")

jobs = Jobs()


@jobs.long(lock="plan_id")
async def populate(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    plan = await commands.populate(unit, UUID(plan_id))
    await progress.report(plan.payments, plan.payments)


@jobs.long(lock="plan_id")
async def entitle(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    await commands.entitle(unit, UUID(plan_id), progress)


@jobs.long(lock="plan_id")
async def release(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Signed in the name of who asked, and judged by the database as if it were their own transaction: it is."""
    await commands.sign(unit, UUID(plan_id), Step.RELEASE)


@jobs.timer("41 * * * *")
async def cancel_abandoned_plans(database: Database) -> None:
    """Their households may be paid by other plans, of whichever agency."""
    before = datetime.now(UTC) - ABANDONED_AFTER
    async with database.session_without_scope() as session:
        abandoned = (await session.execute(ABANDONED, {"before": before})).all()
    for plan_id, agency in abandoned:
        async with database.unit_for_timer(agency) as unit:
            await commands.cancel_abandoned(unit, plan_id, before)


async def ask_to_populate(unit: UnitOfWork, plan_id: UUID) -> Work:
    return await _begin(unit, populate, await commands.may(unit, plan_id, Step.POPULATE))


async def ask_to_entitle(unit: UnitOfWork, plan_id: UUID) -> Work:
    plan = await commands.may(unit, plan_id, Step.ENTITLE)
    return await _begin(unit, entitle, plan, total=plan.payments)


async def ask_to_release(unit: UnitOfWork, plan_id: UUID) -> Work:
    plan = await commands.may_sign(unit, plan_id, Step.RELEASE)
    return await _begin(unit, release, plan, total=plan.payments)


async def _begin(unit: UnitOfWork, job: LongJob, plan: PaymentPlan, total: int | None = None) -> Work:
    place = f"/payment-plans/{plan.id}"
    return await start_work(unit, job, result=place, total=total, plan_id=str(plan.id))
