"""Attacks on the separation of makers and checkers: one person behind several steps that lead to a payment."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import AGENCY_HEADER, Duty

from tests.attacks.conftest import Cash, subject

ACCOUNT = {"kind": "account", "reference": "04-72-99-777", "provider": "BANCO"}


def intake(
    cash: Cash, headers: dict[str, str], method: str, path: str, body: object = None
) -> httpx.Response:
    """Send a request to intake."""
    url = cash.scenario_run.run.services["intake"] + path
    headers = headers | {"Idempotency-Key": str(uuid4())}
    return httpx.request(method, url, headers=headers, json=body, timeout=30)


def enrolment(cash: Cash, after: int = 0) -> dict[str, Any]:
    """Return the scenario's enrolment when its profile is newer than a version."""
    path = f"/programmes/{cash.programme()['id']}/enrolments"
    for _ in range(900):
        (found,) = cash.call("iom.cash_maker", "GET", path).json()["items"]
        if (found["profile_version"] or 0) > after:
            return dict(found)
        time.sleep(0.1)
    raise AssertionError(f"The profile is not newer than version {after}.")


@pytest.mark.parametrize("other", [Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.CASH_MAKER, Duty.CASH_RELEASER])
def test_one_account_with_duties_of_both_sides_approves_nothing(cash: Cash, other: Duty):
    """Approve a plan with an account that also registers, refers, makes or releases."""
    plan = f"/payment-plans/{uuid4()}"
    refused = cash.send(cash.tokens.of("iom", Duty.CASH_CHECKER, other), "POST", f"{plan}/approve")
    assert refused.status_code == 403, refused.text
    assert refused.json()["type"].endswith(":duties-incompatible")


def test_whoever_wrote_the_account_does_not_approve_its_payment(cash: Cash):
    """Write the family's account at the desk of one agency, and approve its payment as a checker of another."""
    duties = {"unhcr": (Duty.FRONT_DESK,), "iom": (Duty.CASH_CHECKER,)}
    attacker = cash.tokens.of_several(duties, acting_for="unhcr")
    before = enrolment(cash)
    mother = f"/people/{before['collector']}"
    written = intake(cash, attacker, "PUT", f"{mother}/payout", ACCOUNT)
    assert written.status_code == 200, written.text
    changed = enrolment(cash, after=before["profile_version"])

    resting = cash.draft()
    assert cash.call("iom.cash_maker", "POST", f"{resting}/populate").is_success
    assert cash.call("iom.cash_maker", "GET", resting).json()["payment_count"] == 0
    own = intake(cash, attacker, "POST", f"{mother}/payout/confirmation")
    assert own.json()["type"].endswith(":payout-confirmed-by-writer")
    colleague = cash.tokens.of("unhcr", Duty.FRONT_DESK)
    assert intake(cash, colleague, "POST", f"{mother}/payout/confirmation").status_code == 201
    enrolment(cash, after=changed["profile_version"])

    plan = cash.submitted()
    assert cash.call("iom.cash_maker", "GET", plan).json()["payment_count"] == 1
    refused = cash.send(attacker | {AGENCY_HEADER: "iom"}, "POST", f"{plan}/approve")
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"].endswith(":approver-prepared-plan")
    shown = cash.call("iom.cash_checker1", "GET", f"{plan}/review").json()
    assert str(subject(attacker)) in shown["makers"]
    sign_off = """INSERT INTO data.sign_off (root, round, stage, content_hash)
        SELECT id, round, 'approve', content_hash FROM data.payment_plan WHERE id = %(plan)s"""
    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        cash.as_service(subject(attacker), sign_off, plan=plan[-36:])
    assert raised.value.diag.constraint_name == "sign_off_once_per_round"


@pytest.mark.parametrize("who", ["iom.provider", "iom.cash_maker"])
def test_whoever_accepted_the_referral_or_made_the_plan_signs_nothing_off(cash: Cash, who: str):
    """Sign off in the database as the person who accepted the family's referral, or who made the plan."""
    plan = cash.submitted()
    sign_off = """INSERT INTO data.sign_off (root, round, stage, content_hash)
        SELECT id, round, 'approve', content_hash FROM data.payment_plan WHERE id = %(plan)s"""
    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        cash.as_service(subject(cash.tokens.demonstration(who)), sign_off, plan=plan[-36:])
    assert raised.value.diag.constraint_name == "sign_off_once_per_round"


@pytest.mark.parametrize("reference", ["-", "NO TIENE", "N/A", "00000000", "5.07612E+10"])
def test_placeholder_is_no_account(cash: Cash, reference: str):
    """Write a placeholder as the account of a family."""
    desk = cash.tokens.demonstration("unhcr.front_desk")
    path = f"/people/{enrolment(cash)['collector']}/payout"
    refused = intake(cash, desk, "PUT", path, ACCOUNT | {"reference": reference})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:solidary:problem:invalid")


def test_maker_does_not_set_the_least_approvals(cash: Cash):
    """Set the agency's controls as a maker, a checker and a releaser."""
    control = {"account_rest_days": 0, "least_tiers": []}
    for who in ("iom.cash_maker", "iom.cash_checker1", "iom.cash_releaser"):
        assert cash.call(who, "POST", "/payment-controls", control).status_code == 403
    least = {"account_rest_days": 7, "least_tiers": [{"from_total": 1, "approvers": 2}]}
    assert cash.call("iom.cash_controller", "POST", "/payment-controls", least).status_code == 201
    plan = cash.submitted()
    assert cash.call("iom.cash_checker1", "POST", f"{plan}/approve").json()["state"] == "submitted"
    least["least_tiers"] = []
    assert cash.call("iom.cash_controller", "POST", "/payment-controls", least).status_code == 201
