"""The intake service: people at the front desk, and the data that they let others read."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from intake import payment_outcomes, reactions
from intake.centres.places import routes as centres
from intake.centres.queue import jobs as queue_jobs
from intake.centres.queue import routes as queue
from intake.complaints.cases import jobs as complaint_jobs
from intake.complaints.cases import routes as complaints
from intake.desk.guidance import routes as guidance
from intake.desk.imports import jobs as import_jobs
from intake.desk.imports import routes as imports
from intake.desk.needs import routes as needs
from intake.desk.procedures import routes as procedures
from intake.desk.registrations import routes as registrations
from intake.desk.visits import routes as visits
from intake.problems import CONSTRAINT_PROBLEMS
from intake.registry.access_log import jobs as access_log_jobs
from intake.registry.access_log import routes as access_log
from intake.registry.assignments import routes as assignments
from intake.registry.duplicates import routes as duplicates
from intake.registry.external_ids import routes as external_ids
from intake.registry.legal_holds import routes as legal_holds
from intake.registry.people import metrics as people_metrics
from intake.registry.people import routes as people
from intake.registry.questions import routes as questions
from intake.registry.search import jobs as search_jobs
from intake.registry.search import routes as search
from intake.rights.copies import routes as copies
from intake.rights.erasures import routes as erasures
from intake.rights.retention import jobs as retention_jobs
from intake.rights.retention import routes as retention
from intake.sharing.consents import jobs as consent_jobs
from intake.sharing.consents import routes as consents
from intake.sharing.disclosures import routes as disclosures
from intake.sharing.payee_permits import routes as payee_permits
from intake.statistics.codes import routes as codes
from intake.statistics.complaint_reports import routes as complaint_reports
from intake.statistics.demand import routes as demand

service = Service(
    name="intake",
    description="People at the front desk: registration, needs, guidance, procedures, consent",
    routers=[
        search.router,
        questions.router,
        registrations.router,
        imports.router,
        imports.reports,
        duplicates.router,
        people.people,
        people.households,
        external_ids.router,
        assignments.router,
        visits.router,
        needs.router,
        guidance.router,
        procedures.router,
        consents.router,
        disclosures.router,
        payee_permits.router,
        people.timeline,
        legal_holds.router,
        copies.router,
        erasures.router,
        retention.router,
        demand.router,
        codes.router,
        access_log.router,
        centres.router,
        queue.router,
        complaints.router,
        complaint_reports.router,
    ],
    reactions=[reactions],
    projections=[payment_outcomes],
    jobs=[
        access_log_jobs.jobs,
        complaint_jobs.jobs,
        queue_jobs.jobs,
        consent_jobs.jobs,
        import_jobs.jobs,
        retention_jobs.jobs,
        search_jobs.jobs,
    ],
    measurements=people_metrics.MEASUREMENTS,
    constraint_problems=CONSTRAINT_PROBLEMS,
    connection_check="SELECT machinery.require_replayed_erasures()",
    secrets=("person_keys", "search_keys"),
)


def application() -> FastAPI:
    """Return the API of a process, as `api --reload` starts it."""
    return operations.application(service)
