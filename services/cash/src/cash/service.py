"""The cash service, wired."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from cash import reactions
from cash.accounting.budget_lines import routes as budget_lines
from cash.delivery.instructions import routes as instructions
from cash.delivery.payment_plans import jobs as payment_plan_jobs
from cash.delivery.payment_plans import routes as payment_plans
from cash.delivery.payments import routes as payments
from cash.delivery.status_reports import routes as status_reports
from cash.targeting.enrolments import jobs as enrolment_jobs
from cash.targeting.enrolments import routes as enrolments
from cash.targeting.programmes import routes as programmes

service = Service(
    name="cash",
    about="Cash that an auditor trusts: programmes, payment plans, approvals, the ledger, orders and answers.",
    routers=[
        budget_lines.router,
        programmes.router,
        enrolments.router,
        payment_plans.router,
        payments.router,
        instructions.router,
        status_reports.router,
    ],
    reactions=[reactions],
    jobs=[enrolment_jobs.jobs, payment_plan_jobs.jobs],
    constraint_messages={
        "signature_once": "who made a plan, or said yes to it in this round, says no further yes to it: "
        "maker, checker and releaser are different people",
        "signature_in_turn": "the plan is not asked for this yes now",
        "signature_content": "a yes holds for the payments that were submitted, and they have changed",
        "plan_way": "a plan does not go this way",
        "plan_fixed": "what a plan pays does not change under review or after it",
        "plan_content": "the payments are not those that were agreed to",
        "plan_yeses": "not everybody who must say yes has",
        "payment_once": "this household is paid in this cycle for this purpose already",
        "payment_fixed": "a payment's household, account and amount do not change under review or after it",
        "payment_way": "a payment does not go this way",
        "payment_in_ledger": "a payment is where the ledger says that its money is",
        "payment_delivered": "no more is delivered than was entitled",
        "budget": "the budget line has less left than this",
        "transfer_by_owner": "who may draw on a budget line draws for payments only",
        "transfer_movement": "money does not move this way",
        "transfer_debit": "both ends of a transfer are accounts of one budget line, in one currency",
        "transfer_credit": "both ends of a transfer are accounts of one budget line, in one currency",
        "transfer_amount": "a transfer moves more than nothing",
        "transfer_pending": "a post or a void names the reservation that it resolves",
        "transfer_resolves": "a post or a void resolves its own reservation, and no more than it",
        "transfer_resolved_once": "this reservation is resolved already",
        "transfer_reserved_once": "money is reserved for this payment already",
        "transfer_settled_once": "this payment is settled already",
        "transfer_returned_once": "this payment came back already",
        "transfer_own": "a reservation is resolved by who made it, for the same payment",
        "transfer_of_payment": "what is settled or comes back is a payment that its drawer delivered",
        "transfer_released": "money is reserved for the payments of a released plan only",
        "enrolment_once": "this household is enrolled in this programme already",
        "tier_least": "two tiers begin at the same total",
        "tier_fixed": "how many must say yes is fixed before the first plan",
        "instruction_once": "this plan has its order already",
        "status_report_once": "this file was taken in already",
    },
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
