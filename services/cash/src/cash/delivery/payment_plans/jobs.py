"""Long work on a plan's payments, and the timer that cancels abandoned plans.

A request that cannot succeed is refused at once, before any work starts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, LongJob, Progress, Work, for_each, start_work

from cash.delivery.payment_plans import commands
from cash.delivery.payment_plans.models import PaymentPlan
from cash.delivery.payment_plans.rules import PlanStep
from cash.delivery.payment_plans.statements import ABANDONED_PLANS
from cash.targeting.programmes.rules import ApprovalStage

ABANDONED_AFTER = timedelta(days=14)
"""The time without a step or an approval after which a plan is cancelled: half a cycle, so that a household that was
left out because of it can still be paid in this one."""

jobs = Jobs()


@jobs.long(lock="plan_id")
async def populate(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Populate a plan."""
    plan = await commands.populate(unit, UUID(plan_id))
    await progress.report(plan.payment_count, plan.payment_count)


@jobs.long(lock="plan_id")
async def entitle(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Compute the amounts of a plan."""
    await commands.entitle(unit, UUID(plan_id), progress)


@jobs.long(lock="plan_id")
async def release(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Release a plan in the name of the person who requested it, under the same checks as in their own transaction."""
    await commands.approve(unit, UUID(plan_id), ApprovalStage.RELEASE)


@jobs.timer("41 * * * *")
async def cancel_abandoned_plans(database: Database) -> None:
    """Cancel abandoned plans, so that other plans of any agency may pay their households."""
    before = datetime.now(UTC) - ABANDONED_AFTER
    async with database.session_without_scope() as session:
        rows = (await session.execute(ABANDONED_PLANS, {"before": before})).all()

    async def cancel(plan: tuple[UUID, UUID]) -> None:
        plan_id, agency = plan
        async with database.unit_for_timer(agency) as unit:
            await commands.cancel_abandoned(unit, plan_id, before)

    await for_each([(row.id, row.agency) for row in rows], cancel)


async def start_populating(unit: UnitOfWork, plan_id: UUID) -> Work:
    """Start to populate a plan. Raises as the step would."""
    return await _start(unit, populate, await commands.require_step(unit, plan_id, PlanStep.POPULATE))


async def start_entitling(unit: UnitOfWork, plan_id: UUID) -> Work:
    """Start to compute the amounts of a plan. Raises as the step would."""
    plan = await commands.require_step(unit, plan_id, PlanStep.ENTITLE)
    return await _start(unit, entitle, plan, total=plan.payment_count)


async def start_releasing(unit: UnitOfWork, plan_id: UUID) -> Work:
    """Start to release a plan. Raises as the approval would, except for the payments' content and the budget."""
    plan = await commands.require_approver(unit, plan_id, ApprovalStage.RELEASE)
    return await _start(unit, release, plan, total=plan.payment_count)


async def _start(unit: UnitOfWork, job: LongJob, plan: PaymentPlan, total: int | None = None) -> Work:
    return await start_work(unit, job, result=plan.location, total=total, plan_id=str(plan.id))
