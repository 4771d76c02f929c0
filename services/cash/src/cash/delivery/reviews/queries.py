"""The reads of a review."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from cash.delivery.payment_plans.models import PaymentPlan, sign_offs_of
from cash.delivery.payment_plans.schemas import PaymentPlanOut
from cash.delivery.reviews.bulk import flagged_payments
from cash.delivery.reviews.rules import Difference, Flag, FlagDecision
from cash.delivery.reviews.schemas import (
    MAX_LISTED,
    ApprovalsOut,
    DifferenceOut,
    FlaggedPaymentOut,
    ReviewOut,
)
from cash.delivery.reviews.statements import CHANGED_ACCOUNTS, DIFFERENCES, LAST_PLAN
from cash.targeting.controls.models import control_in_force, least_tiers_of
from cash.targeting.programmes.models import Programme, ProgrammeDebtor, approval_tiers_of
from cash.targeting.programmes.rules import ApprovalStage, approvals_needed
from cash.targeting.programmes.schemas import ApprovalTierIn, DebtorOut


async def review_of(unit: UnitOfWork, plan_id: UUID) -> ReviewOut:
    """Return all that a checker of a plan signs. Raises NotFound."""
    plan = await unit.get(PaymentPlan, plan_id)
    programme = await unit.get(Programme, plan.programme_id)
    debtor = None if plan.debtor_id is None else await unit.get(ProgrammeDebtor, plan.debtor_id)
    tiers = await approval_tiers_of(unit, programme.id)
    least = await least_tiers_of(unit, await control_in_force(unit))
    sign_offs = await sign_offs_of(unit, plan_id)
    earlier = [each.content_hash for each in sign_offs if each.round == plan.round - 1]
    flagged = await flagged_payments(unit, plan_id)
    changed = list(await unit.session.scalars(CHANGED_ACCOUNTS, {"plan": plan_id}))
    last = await unit.session.scalar(LAST_PLAN, {"plan": plan_id})
    differences = (
        []
        if last is None
        else (await unit.session.execute(DIFFERENCES, {"plan": plan_id, "last": last})).all()
    )
    return ReviewOut(
        plan=PaymentPlanOut.model_validate(plan),
        debtor=None if debtor is None else DebtorOut.model_validate(debtor),
        rule=programme.rule.model_dump(mode="json", exclude_none=True),
        rule_author=programme.rule_author,
        tiers=[ApprovalTierIn.of(tier) for tier in sorted(tiers, key=lambda tier: tier.from_total)],
        least_tiers=[ApprovalTierIn.of(tier) for tier in least],
        approvals=[
            ApprovalsOut(
                stage=stage,
                needed=max(approvals_needed(stage, plan.total, each) for each in (tiers, least)),
                given_by=[
                    each.subject for each in sign_offs if (each.round, each.stage) == (plan.round, stage)
                ],
            )
            for stage in ApprovalStage
        ],
        makers=sorted(plan.makers),
        is_same_as_last_round=plan.content_hash in earlier if earlier else None,
        flag_counts={flag: sum(each.flag is flag for each in flagged) for flag in Flag},
        undecided_count=sum(each.decision is not FlagDecision.PAY for each in flagged),
        flagged=[FlaggedPaymentOut.model_validate(each) for each in flagged[:MAX_LISTED]],
        changed_account_count=len(changed),
        changed_accounts=changed[:MAX_LISTED],
        last_plan_id=last,
        difference_counts={Difference(row.difference): row.of_kind for row in differences},
        differences=[DifferenceOut.model_validate(row) for row in differences],
    )
