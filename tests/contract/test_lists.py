"""Every list filters by state and by the time of the last change, or has a reason why not."""

from __future__ import annotations

import re

from tests.isolation.examples import document_of, resolved
from tests.isolation.operations import OPERATIONS, Operation

PART = "the parts of one aggregate, few of them, that are read together"
ADDED = "rows are added and never change, and have no state"
PLAN = "the lists of one plan, which its planners read whole"
CODES = "public facts of the country"
WEBHOOKS = "an agency has a few webhooks"
AGENCIES = "an instance has tens of agencies, which the operator adds"

OWN = "the few people of one user and what belongs to them, read whole each day"

WITHOUT_UPDATED_AFTER = {
    PART: (
        "intake GET /people/{person_id}/(assignments|consents|legal-holds|needs|restricted-needs|procedures|pathways)",
        "intake GET /questions/received",
        "cash GET /budget-lines/{line_id}/accounts",
        "cash GET /payment-plans/{plan_id}/(sign-offs|confirmed-rejections)",
        "referrals GET /referrals/{referral_id}/steps",
    ),
    "the rows of a file are reported once, in the order of its lines": (
        "(cash|intake|referrals) GET /imports/{import_id}/rows",
    ),
    "the payments of one plan change together, by the plan's steps: a list of plans shows that they did": (
        "cash GET /payment-plans/{plan_id}/payments",
    ),
    PLAN: ("planning GET /plans/{plan_id}/(actions|allocations|demand|needs)",),
    "the queue of a day, and the figures of days": ("intake GET /centres/{centre_id}/(queue|queue-days)",),
    CODES: ("planning GET /cities", "intake GET /codes", "intake GET /public/centres"),
    WEBHOOKS: ("subscriptions GET /webhooks",),
    AGENCIES: ("referrals GET /agencies",),
    OWN: ("intake GET /(people|needs|procedures|consents)",),
    "each delivery of a webhook shows its state and its next attempt, the newest first": (
        "subscriptions GET /webhooks/{webhook_id}/deliveries",
    ),
}
WITHOUT_STATE = {
    **{
        reason: patterns
        for reason, patterns in WITHOUT_UPDATED_AFTER.items()
        if reason in (PART, PLAN, CODES, WEBHOOKS, AGENCIES)
    },
    ADDED: (
        "intake GET /(access-log|demand-reports|complaint-reports)",
        "intake GET /people/{person_id}/timeline",
        "cash GET /(contradictions|status-reports|referred-households)",
        "cash GET /budget-lines/{line_id}/transfers",
        "planning GET /plans/{plan_id}/ballot-log",
    ),
    "the figures of days": ("intake GET /centres/{centre_id}/queue-days",),
    "a centre is open or not, by which the list filters": ("intake GET /centres",),
    "its state is that of its long work": ("(cash|intake|referrals) GET /imports",),
    "it has no state": ("cash GET /(budget-lines|programmes)", "planning GET /tius"),
    "what is finished shows it in itself; there are a few in a year": ("intake GET /retention-runs",),
}
STATES = {"state", "status", "answer", "is_answered", "is_decided"}


def is_list(operation: Operation) -> bool:
    if operation.method != "GET" or operation.route.path == "/events":
        return False
    answers = [code for code in operation.description["responses"] if code.startswith("2")]
    content = operation.description["responses"][answers[0]].get("content", {}).get("application/json", {})
    if not content.get("schema"):
        return False
    schema = resolved(content["schema"], document_of(operation.service))
    return schema.get("type") == "array" or "items" in schema.get("properties", {})


LISTS = [operation for operation in OPERATIONS if is_list(operation)]


def parameters(operation: Operation) -> set[str]:
    return {each["name"] for each in operation.queries}


def unexplained(lists: list[Operation], reasons: dict[str, tuple[str, ...]]) -> list[str]:
    patterns = [pattern for of_reason in reasons.values() for pattern in of_reason]
    names = [str(operation) for operation in lists]
    unused = [each for each in patterns if not any(re.fullmatch(each, name) for name in names)]
    assert not unused, "These reasons are of no list."
    return [name for name in names if not any(re.fullmatch(each, name) for each in patterns)]


def test_every_list_shows_what_changed_or_has_a_reason() -> None:
    assert len(LISTS) > 25, "this search finds lists"
    without = [each for each in LISTS if "updated_after" not in parameters(each)]
    assert unexplained(without, WITHOUT_UPDATED_AFTER) == []


def test_every_list_of_what_has_a_state_filters_by_it_or_has_a_reason() -> None:
    without = [each for each in LISTS if not STATES & parameters(each)]
    assert unexplained(without, WITHOUT_STATE) == []


def test_every_list_that_filters_by_time_has_pages_of_one_form() -> None:
    for operation in LISTS:
        if "updated_after" in parameters(operation):
            assert {"after", "limit"} <= parameters(operation), operation
