"""The cash service with its routers, reactions and jobs."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from cash import reactions
from cash.accounting.budget_lines import routes as budget_lines
from cash.delivery.instructions import jobs as instruction_jobs
from cash.delivery.instructions import routes as instructions
from cash.delivery.payment_plans import jobs as payment_plan_jobs
from cash.delivery.payment_plans import metrics as payment_plan_metrics
from cash.delivery.payment_plans import routes as payment_plans
from cash.delivery.payments import routes as payments
from cash.delivery.rejections import routes as rejections
from cash.delivery.reviews import routes as reviews
from cash.delivery.status_reports import jobs as status_report_jobs
from cash.delivery.status_reports import routes as status_reports
from cash.problems import CONSTRAINT_PROBLEMS
from cash.targeting.controls import routes as controls
from cash.targeting.enrolment_imports import jobs as enrolment_import_jobs
from cash.targeting.enrolment_imports import routes as enrolment_imports
from cash.targeting.enrolments import jobs as enrolment_jobs
from cash.targeting.enrolments import referred
from cash.targeting.enrolments import routes as enrolments
from cash.targeting.external_ids import routes as external_ids
from cash.targeting.programmes import routes as programmes

service = Service(
    name="cash",
    description="Cash assistance under an auditor's controls: programmes, payment plans, approvals and the ledger.",
    routers=[
        budget_lines.router,
        controls.router,
        programmes.router,
        external_ids.router,
        enrolments.router,
        enrolment_imports.router,
        enrolment_imports.reports,
        payment_plans.router,
        payments.router,
        reviews.router,
        instructions.router,
        status_reports.router,
        rejections.router,
    ],
    reactions=[reactions],
    jobs=[
        enrolment_jobs.jobs,
        enrolment_import_jobs.jobs,
        referred.jobs,
        payment_plan_jobs.jobs,
        instruction_jobs.jobs,
        status_report_jobs.jobs,
    ],
    measurements=payment_plan_metrics.MEASUREMENTS,
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """Return the API of a process; `api --reload` starts it again."""
    return operations.application(service)
