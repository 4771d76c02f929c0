"""The way of a payment plan: made, signed for, released."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Progress
from sqlalchemy import text

from cash.accounting.ledger import commands as ledger
from cash.delivery.payment_plans.models import PaymentPlan, Signature, signatures_of
from cash.delivery.payment_plans.rules import PlanState, Step
from cash.delivery.payment_plans.schemas import PlanIn
from cash.delivery.payments import sets as payments
from cash.delivery.payments.rules import PaymentState
from cash.delivery.payments.sets import Entitled
from cash.engines.entitlement.rule import NoAmount, Rule
from cash.targeting.enrolments.rules import OtherCurrency, Profile, values
from cash.targeting.programmes.models import Programme, tiers_of

STILL_ABANDONED = text("SELECT count(*) FROM machinery.abandoned_plans(:before) WHERE id = :plan")


async def create(unit: UnitOfWork, said: PlanIn) -> PaymentPlan:
    programme = await unit.get(Programme, said.programme_id)
    id_ = uuid4()
    plan = PaymentPlan(
        id=id_,
        root=id_,
        programme_id=programme.id,
        budget_line_id=programme.budget_line_id,
        cycle=said.cycle,
        purpose=programme.purpose,
        fsp=programme.fsp,
        currency=programme.currency,
    )
    unit.add(plan)
    await unit.flush()
    return plan


async def may(unit: UnitOfWork, plan_id: UUID, step: Step) -> PaymentPlan:
    """Raises NotFound and NotAllowed as the step would."""
    plan = await unit.get(PaymentPlan, plan_id)
    plan.require_way(step)
    return plan


async def populate(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    """A payment for each enrolled household whose profile is known and whom nobody pays in this cycle for this."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.move(Step.POPULATE)
    await payments.add(unit, plan.id)
    plan.count(await payments.planned(unit, plan.id))
    return await _written(unit, plan)


async def step(unit: UnitOfWork, plan_id: UUID, step: Step) -> PaymentPlan:
    """Lock, unlock, reject: a step that changes nothing but the state."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.move(step)
    return await _written(unit, plan)


async def entitle(unit: UnitOfWork, plan_id: UUID, progress: Progress) -> PaymentPlan:
    """Each household's amount by the programme's rule, for the account that is known now.

    Who lacks nothing, has no amount, or has ended the consent is left out.
    """
    plan = await unit.lock(PaymentPlan, plan_id)
    programme = await unit.get(Programme, plan.programme_id)
    rule = programme.checked_rule()
    done = 0
    async for households in payments.profiles(unit, plan.id):
        await progress.report(done, plan.payments)
        await payments.entitle(unit, await asyncio.to_thread(_all_entitled, rule, households))
        done += len(households)
    planned = await payments.planned(unit, plan.id)
    plan.count(planned)
    content = await payments.content(unit, plan.id)
    plan.entitle(formula_by=programme.rule_by, content=content, total=planned.total)
    return await _written(unit, plan)


async def submit(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.submit(by=unit.principal.subject)
    return await _written(unit, plan)


async def may_sign(unit: UnitOfWork, plan_id: UUID, stage: Step) -> PaymentPlan:
    """Raises what a yes to the agreed payments would meet: the database is asked, and nothing of it stays."""
    plan = await unit.get(PaymentPlan, plan_id)
    plan.require_turn(stage)
    trial = await unit.session.begin_nested()
    unit.add(Signature(root=plan.id, round=plan.round, part=stage, content=plan.content))
    await unit.flush()
    await trial.rollback()
    return await unit.get(PaymentPlan, plan_id)


async def sign(unit: UnitOfWork, plan_id: UUID, stage: Step) -> PaymentPlan:
    """One person's yes. The database refuses a maker's, and anybody's second in a round; a release reserves."""
    plan = await unit.lock(PaymentPlan, plan_id)
    plan.require_turn(stage)
    given = [each for each in await signatures_of(unit, plan.id) if each.round == plan.round]
    content = await payments.content(unit, plan.id)
    mine = Signature(root=plan.id, round=plan.round, part=stage, content=content)
    unit.add(mine)
    await unit.flush()
    tiers = await tiers_of(unit, plan.programme_id)
    plan.decide([each for each in given if each.part != "made"], mine, content, tiers)
    await unit.flush()
    if PlanState(plan.state) is PlanState.RELEASED:
        await _reserve(unit, plan)
    return await _written(unit, plan)


async def cancel(unit: UnitOfWork, plan_id: UUID) -> PaymentPlan:
    """Before it is dispatched: what was reserved is available again, and its households may be paid otherwise."""
    plan = await unit.lock(PaymentPlan, plan_id)
    reserved = PlanState(plan.state) is PlanState.RELEASED
    plan.move(Step.CANCEL)
    before = PaymentState.RESERVED if reserved else PaymentState.PLANNED
    if reserved:
        await ledger.give_back(unit, plan.id)
    await payments.move(unit, plan.id, before, PaymentState.CANCELLED)
    return await _written(unit, plan)


async def cancel_abandoned(unit: UnitOfWork, plan_id: UUID, before: datetime) -> None:
    """A plan that nobody has touched or signed since; unless somebody has, while we came for it."""
    await unit.lock(PaymentPlan, plan_id)
    if await unit.session.scalar(STILL_ABANDONED, {"before": before, "plan": plan_id}):
        await cancel(unit, plan_id)


async def _reserve(unit: UnitOfWork, plan: PaymentPlan) -> None:
    await ledger.reserve(unit, line=plan.budget_line_id, currency=plan.currency, fsp=plan.fsp, plan=plan.id)
    await payments.move(unit, plan.id, PaymentState.PLANNED, PaymentState.RESERVED)


def _all_entitled(rule: Rule, households: Sequence[tuple[UUID, dict[str, Any] | None]]) -> list[Entitled]:
    return [_entitled(rule, *household) for household in households]


def _entitled(rule: Rule, payment: UUID, told: dict[str, Any] | None) -> Entitled:
    if told is None:
        return Entitled(payment, 0, 0, "[]", "consent_ended")
    profile = Profile.model_validate(told)
    try:
        entitlement = rule.calculate(values(profile, rule.columns, rule.definition.currency))
    except (NoAmount, OtherCurrency):
        return Entitled(payment, profile.payout_version, 0, "[]", "no_amount")
    why = [{"step": each.name, "result": each.result, **each.facts} for each in entitlement.steps]
    amount = entitlement.amount.minor
    reason = None if amount else "lacks_nothing"
    return Entitled(payment, profile.payout_version, amount, json.dumps(why, ensure_ascii=False), reason)


async def _written(unit: UnitOfWork, plan: PaymentPlan) -> PaymentPlan:
    """As the database has it: it counts rounds and keeps the makers."""
    await unit.flush()
    await unit.session.refresh(plan)
    return plan
