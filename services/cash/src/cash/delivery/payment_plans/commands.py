"""The steps of a payment plan: its preparation, its approvals and its cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty, Principal
from solidary.platform.jobs import Progress

from cash.accounting.ledger import commands as ledger
from cash.delivery.payment_plans import bulk
from cash.delivery.payment_plans.bulk import PlannedPayment
from cash.delivery.payment_plans.models import PaymentPlan, SignOff, sign_offs_of
from cash.delivery.payment_plans.rules import PaymentPlanState, PlanActor, PlanStep, require_cycle
from cash.delivery.payment_plans.schemas import PaymentPlanIn
from cash.delivery.payment_plans.statements import IS_STILL_ABANDONED
from cash.delivery.payments import bulk as payments
from cash.delivery.payments.bulk import Entitlement, Outcome
from cash.delivery.payments.records import CalculationRecord, StepRecord
from cash.delivery.payments.rules import PaymentState
from cash.engines.entitlement.rule import NoAmount, Rule
from cash.targeting.controls.models import control_in_force, least_tiers_of
from cash.targeting.profiles.records import ProfileRecord
from cash.targeting.profiles.rules import CurrencyMismatch, profile_values, rule_inputs
from cash.targeting.programmes.models import Programme, approval_tiers_of
from cash.targeting.programmes.rules import ApprovalStage

ACTORS_BY_DUTY = {
    Duty.CASH_MAKER: PlanActor.MAKER,
    Duty.CASH_CHECKER: PlanActor.CHECKER,
    Duty.CASH_RELEASER: PlanActor.RELEASER,
}


def actors_of(principal: Principal) -> tuple[PlanActor, ...]:
    """Return the parts that a person may take in a plan, by their duties in the acting agency."""
    return tuple(actor for duty, actor in ACTORS_BY_DUTY.items() if duty in principal.duties)


async def create_plan(unit: UnitOfWork, body: PaymentPlanIn) -> PaymentPlan:
    """Create a draft plan for a cycle of a programme. Raises NotFound, Invalid."""
    programme = await unit.get(Programme, body.programme_id)
    require_cycle(body.cycle, unit.now)
    plan = PaymentPlan(
        programme_id=programme.id,
        budget_line_id=programme.budget_line_id,
        cycle=body.cycle,
        purpose=programme.purpose,
        fsp=programme.fsp,
        currency=programme.currency,
    )
    unit.add(plan)
    await unit.flush()
    return plan


async def require_step(unit: UnitOfWork, plan_id: UUID, step: PlanStep) -> PaymentPlan:
    """Return the plan where a maker may take the step. Raises NotFound, TransitionNotAllowed."""
    plan = await unit.get(PaymentPlan, plan_id)
    plan.require_step(step, actors_of(unit.principal))
    return plan


async def populate(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    """Add a payment for each enrolled household whose account is known and that nobody pays in this cycle."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.populate(by=unit.principal.subject)
    await bulk.raise_work_memory(unit)
    await bulk.add_payments(unit, plan.id)
    totals = await bulk.planned_totals(unit, plan.id)
    plan.record_counts(payments=totals.payments, enrolled=totals.enrolled)
    return await _written(unit, plan)


async def take_step(unit: UnitOfWork, plan_id: UUID, step: PlanStep) -> PaymentPlan:
    """Take a step that changes nothing but the state: lock, unlock or reject.

    Raises TransitionNotAllowed, and ActorNotAllowed where the principal lacks the duty.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.take_step(step, actors_of(unit.principal))
    return await _written(unit, plan)


async def entitle(unit: UnitOfWork, plan_id: UUID, progress: Progress) -> PaymentPlan:
    """Compute each household's amount by the programme's rule, for the account that is known now.

    A household is left out where its amount is zero or undefined, where its consent has ended, where its person is
    provisional or its account has changed lately, or where a checker decided so.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    programme = await unit.get(Programme, plan.programme_id)
    rule = programme.compiled_rule()
    await bulk.raise_work_memory(unit)
    done = 0
    async for batch in bulk.payment_profiles(unit, plan.id):
        await progress.report(done, plan.payment_count)
        await payments.set_entitlements(unit, plan.id, *await asyncio.to_thread(_calculate_all, rule, batch))
        done += len(batch)
    totals = await bulk.planned_totals(unit, plan.id)
    plan.record_counts(payments=totals.payments, enrolled=totals.enrolled)
    plan.entitle(
        by=unit.principal.subject,
        rule_author=programme.rule_author,
        content_hash=await bulk.content_hash(unit, plan.id),
        total=totals.total,
    )
    return await _written(unit, plan)


async def submit(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    """Submit a plan for approval: a new round. Raises TransitionNotAllowed, PlanWithoutPayments."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.submit(by=unit.principal.subject, actors=actors_of(unit.principal))
    return await _written(unit, plan)


async def require_approver(unit: UnitOfWork, plan_id: UUID, stage: ApprovalStage) -> PaymentPlan:
    """Return the plan where the principal may approve it now. Raises as `approve` would."""
    plan = await unit.get(PaymentPlan, plan_id)
    plan.require_approver(await sign_offs_of(unit, plan.id), stage, unit.principal.subject)
    return plan


async def approve(unit: UnitOfWork, plan_id: UUID, stage: ApprovalStage) -> PaymentPlan:
    """Approve a plan at a stage. The last approval of the release reserves the money.

    The database checks the same again: it refuses an approval by a maker and a second one in a round. Raises
    TransitionNotAllowed, ApproverPreparedPlan, AlreadyApproved, PaymentsChanged, BudgetExceeded.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    await bulk.raise_work_memory(unit)
    content_hash = await bulk.content_hash(unit, plan.id)
    state = plan.approve(
        await sign_offs_of(unit, plan.id),
        stage,
        by=unit.principal.subject,
        content_hash=content_hash,
        tiers=await approval_tiers_of(unit, plan.programme_id),
        least_tiers=await least_tiers_of(unit, await control_in_force(unit)),
    )
    unit.add(SignOff(root=plan.id, round=plan.round, stage=stage, content_hash=content_hash))
    await unit.flush()
    plan.state = state
    await unit.flush()
    if state is PaymentPlanState.RELEASED:
        await _reserve(unit, plan)
    return await _written(unit, plan)


async def cancel(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    """Cancel a plan before it is dispatched.

    Reserved money is available again, and other plans may pay the households. Raises TransitionNotAllowed,
    ActorNotAllowed.
    """
    return await _cancel(unit, plan_id, actors_of(unit.principal))


async def _cancel(unit: UnitOfWork, plan_id: UUID, actors: Collection[PlanActor]) -> PaymentPlan:
    plan = await unit.lock(PaymentPlan, plan_id)
    was_released = PaymentPlanState(plan.state) is PaymentPlanState.RELEASED
    plan.take_step(PlanStep.CANCEL, actors)
    if was_released:
        await ledger.void_plan(unit, plan.id)
    before = PaymentState.RESERVED if was_released else PaymentState.PLANNED
    await payments.change_state(unit, plan.id, before, PaymentState.CANCELLED)
    return await _written(unit, plan)


async def cancel_abandoned(unit: UnitOfWork, plan_id: UUID, before: datetime) -> None:
    """Cancel a plan without a step or an approval since `before`, unless there was one in the meantime."""
    await unit.lock(PaymentPlan, plan_id)
    if await unit.session.scalar(IS_STILL_ABANDONED, {"before": before, "plan": plan_id}):
        await _cancel(unit, plan_id, (PlanActor.TIMER,))


async def reconcile(unit: UnitOfWork, plan_id: UUID) -> None:
    """Record that the plan has a report. It is reconciled when none of its payments is unfinished."""
    plan = await unit.lock(PaymentPlan, plan_id)
    if PaymentPlanState(plan.state) not in (PaymentPlanState.DISPATCHED, PaymentPlanState.RECONCILING):
        return
    plan.take_step(PlanStep.RECEIVE_REPORT, (PlanActor.PROVIDER,))
    await unit.flush()
    if not await payments.count_unfinished(unit, plan_id):
        plan.take_step(PlanStep.RECONCILE, (PlanActor.PROVIDER,))
        await unit.flush()


async def _reserve(unit: UnitOfWork, plan: PaymentPlan) -> None:
    await ledger.reserve_plan(
        unit, line=plan.budget_line_id, currency=plan.currency, fsp=plan.fsp, plan=plan.id
    )
    await payments.change_state(unit, plan.id, PaymentState.PLANNED, PaymentState.RESERVED)


def _calculate_all(rule: Rule, planned: Sequence[PlannedPayment]) -> tuple[list[Entitlement], list[Outcome]]:
    """Calculate the entitlements of payments, once for all households that are equal to the rule."""
    outcomes: list[Outcome] = []
    places: dict[Hashable, int] = {}
    entitlements = []
    for payment in planned:
        profile = payment.profile
        inputs = None if profile is None else payment.excluded or rule_inputs(profile, rule.columns)
        if inputs not in places:
            places[inputs] = len(outcomes)
            outcomes.append(_calculate(rule, profile, payment.excluded))
        entitlements.append(Entitlement(payment.id, payment.account_version, places[inputs]))
    return entitlements, outcomes


def _calculate(rule: Rule, stored: Mapping[str, Any] | None, excluded: str | None) -> Outcome:
    without_steps = CalculationRecord(steps=[])
    if stored is None:
        return Outcome(0, without_steps, "consent_ended")
    if excluded is not None:
        return Outcome(0, without_steps, excluded)
    profile = ProfileRecord.model_validate(stored)
    try:
        entitlement = rule.calculate(profile_values(profile, rule.columns, rule.definition.currency))
    except (NoAmount, CurrencyMismatch):
        return Outcome(0, without_steps, "undefined_amount")
    steps = [
        StepRecord(name=step.name, result=step.result, facts=dict(step.facts)) for step in entitlement.steps
    ]
    amount = entitlement.amount.minor
    return Outcome(amount, CalculationRecord(steps=steps), None if amount else "zero_amount")


async def _written(unit: UnitOfWork, plan: PaymentPlan) -> PaymentPlan:
    """Return the plan with the values that the database sets: the round, the makers and the time of the change."""
    await unit.flush()
    await unit.session.refresh(plan)
    return plan
