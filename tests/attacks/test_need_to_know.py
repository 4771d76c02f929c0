"""Attacks on the need to know: a colleague with a valid login reads what people confided to somebody else."""

from __future__ import annotations

from uuid import UUID

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from tests.conftest import ScenarioRun
from tests.isolation.ids import Row
from tests.scenario.scanner import rows

REASON = {"Solidary-Reason": "emergency"}


@pytest.fixture
def colleague(tokens: Tokens) -> dict[str, str]:
    """A colleague with every duty of a desk at UNHCR, who has never met anybody of the scenario."""
    duties = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)
    return tokens.of("unhcr", *duties, number=77)


@pytest.fixture
def call(scenario_run: ScenarioRun, colleague: dict[str, str]):
    """A function that calls intake as the colleague."""

    def send(method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        url = scenario_run.run.services["intake"] + path
        return httpx.request(method, url, json=json, headers=colleague | headers, timeout=30)

    return send


@pytest.fixture
def visit(stored_rows: dict[str, list[Row]], tokens: Tokens) -> Row:
    """A visit with a note, of the scenario's mother."""
    return next(row for row in stored_rows["intake.visit"] if row.owner == tokens.agency("unhcr"))


def test_a_colleague_reads_no_note_need_or_restricted_record_without_a_reason(
    call, visit: Row, stored_rows: dict[str, list[Row]], tokens: Tokens
) -> None:
    """Try, out of curiosity, with the same agency and the right duty."""
    person = visit.root
    need = next(row for row in stored_rows["intake.need"] if row.root == person)
    restricted = next(row for row in stored_rows["intake.restricted_need"] if row.root == person)
    for method, path, body in (
        ("GET", f"/people/{person}/visits/{visit.id}", None),
        ("GET", f"/people/{person}/needs", None),
        ("GET", f"/people/{person}/needs/{need.id}", None),
        ("POST", f"/people/{person}/needs", {"code": "CR-SE"}),
        ("POST", f"/people/{person}/needs/{need.id}/state", {"to": "closed"}),
        ("GET", f"/people/{person}/restricted-needs", None),
        ("GET", f"/people/{person}/restricted-needs/{restricted.id}", None),
        ("POST", f"/people/{person}/restricted-needs", {"code": "TR-HO"}),
        ("POST", f"/people/{person}/assignments", {"assignee": str(person), "role": "team"}),
        ("PUT", f"/people/{person}/identity", {"given_name": "Ana", "surname": "Otra"}),
        (
            "PUT",
            f"/people/{person}/statements",
            {"sex": "female", "population_group": "migrant", "language": "spa"},
        ),
        ("POST", "/consents", _consent(person, tokens.agency("chorrera"), "CR-SE")),
    ):
        refused = call(method, path, body)
        assert refused.status_code == 403, f"{method} {path}: {refused.text}"
        assert refused.json()["type"].endswith("need-to-know-missing")


def test_a_colleagues_lists_have_nobody_whom_they_do_not_work_with(
    call, visit: Row, scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Page through the lists, with a reason too: a reason opens one person, never everybody."""
    for path in ("/people", "/needs", "/procedures", "/consents"):
        for headers in ({}, REASON):
            answer = call("GET", path, None, **headers)
            assert (answer.status_code, answer.json()["items"]) == (200, [])
    listed = call("GET", "/people?state=provisional").json()["items"]
    assert {each["state"] for each in listed} <= {"provisional"}
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    for each in listed:
        url = f"{scenario_run.run.services['intake']}/access-log?about={each['person_id']}"
        log = httpx.get(url, headers=auditor, timeout=30).json()["items"]
        assert "people_listed" in {entry["action"] for entry in log}


def test_a_stated_reason_opens_and_stands_in_the_log(
    call, visit: Row, scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Read with a reason, which stands in the log under the reader's own name."""
    path = f"/people/{visit.root}/visits/{visit.id}"
    assert call("GET", path, **REASON).json()["note"]
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    url = f"{scenario_run.run.services['intake']}/access-log?about={visit.root}"
    entry = httpx.get(url, headers=auditor, timeout=30).json()["items"][0]
    assert (entry["action"], entry["reason"]) == ("visit_read", "emergency")


def test_a_consent_discloses_no_need_without_a_reason(
    call, visit: Row, scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Ask by a consent which needs are open: without a reason all codes are refused alike, with one it is logged."""
    for code in ("LP-ND", "CR-SE", "TR-HO"):
        refused = call("POST", "/consents", _consent(visit.root, tokens.agency("chorrera"), code))
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("need-to-know-missing")
    body = _consent(visit.root, tokens.agency("chorrera"))
    granted = call("POST", "/consents", body | {"categories": ["language"]}, **REASON)
    assert granted.status_code == 201, granted.text
    url = f"{scenario_run.run.services['intake']}/access-log?about={visit.root}"
    entry = httpx.get(url, headers=tokens.of("unhcr", Duty.AUDITOR), timeout=30).json()["items"][0]
    assert (entry["action"], entry["reason"]) == ("consent_granted", "emergency")
    assert call("POST", f"/consents/{granted.json()['consent_id']}/withdraw").is_success


def test_restricted_records_are_unreadable_in_the_database(
    scenario_run: ScenarioRun, visit: Row, tokens: Tokens
) -> None:
    """Count the rows as a list or export by mistake would, and look for codes in the rows themselves."""
    count = "SELECT count(*) FROM data.restricted_need WHERE root = %s"
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        assert _count(app, count, visit.root, tokens.agency("unhcr"), "front_desk,case_worker,auditor") == 0
        assert _count(app, count, visit.root, tokens.agency("unhcr"), "protection_officer") >= 1
    stored = [row for table, row in rows(scenario_run.run, "intake", "data") if table == "restricted_need"]
    assert stored
    assert not [row for row in stored if "LP-RR" in row]


def _consent(person: UUID, recipient: UUID, *needs: str) -> dict[str, object]:
    return {
        "person_id": str(person),
        "recipient": str(recipient),
        "purpose": "referral",
        "categories": ["needs"],
        "needs": needs,
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }


def _count(app: psycopg.Connection, query: str, person: UUID, agency: UUID, duties: str) -> int:
    with app.transaction():
        app.execute(
            """SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true),
            set_config('app.duties', %s, true)""",
            (str(agency), str(person), duties),
        )
        row = app.execute(query.encode(), (person,)).fetchone()
    assert row is not None
    return int(row[0])
