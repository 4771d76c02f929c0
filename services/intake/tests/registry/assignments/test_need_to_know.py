"""Need to know inside an agency: an assignment or a stated reason opens notes, needs and restricted records."""

from __future__ import annotations

import base64
import json

import psycopg
import pytest
from intake.desk.needs.models import RestrictedNeed
from solidary.platform.identity import Duty, Principal
from sqlalchemy import select

PRESENT = {"Solidary-Reason": "person_present"}


def subject_of(headers):
    payload = headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]


@pytest.fixture
def colleague(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK, Duty.CASE_WORKER, number=2)


@pytest.fixture
def worker(tokens):
    return tokens.of("unhcr", Duty.CASE_WORKER)


@pytest.fixture
def officer(tokens):
    return tokens.of("unhcr", Duty.PROTECTION_OFFICER)


@pytest.fixture
async def visited(api, desk, register):
    """A registered family, and the path of a visit of the mother with a note."""
    family = await register()
    body = {"centre": "pao_la_chorrera", "reason": "first_orientation", "note": "canary note"}
    made = await api.post(f"/people/{family.mother}/visits", json=body, headers=desk)
    assert made.status_code == 201
    return family, made.headers["location"]


async def test_the_desk_that_registered_the_person_today_needs_no_assignment(api, desk, visited):
    family, visit = visited
    assert (await api.get(visit, headers=desk)).json()["note"] == "canary note"
    assert (await api.get(f"/people/{family.mother}/needs", headers=desk)).status_code == 200


async def test_a_reception_ends_after_a_day(api, desk, visited, test_database):
    _, visit = visited
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.assignment SET valid_until = now() WHERE role = 'reception'")
    assert (await api.get(visit, headers=desk)).status_code == 403


async def test_a_colleague_states_a_reason_which_is_logged(api, tokens, colleague, visited):
    family, visit = visited
    for path in (visit, f"/people/{family.mother}/needs"):
        refused = await api.get(path, headers=colleague)
        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:solidary:problem:need-to-know-missing",
        )
        assert (await api.get(path, headers=colleague | PRESENT)).status_code == 200
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    log = (await api.get(f"/access-log?about={family.mother}", headers=auditor)).json()["items"]
    assert [(each["action"], each["reason"]) for each in log[:2]] == [
        ("needs_read", "person_present"),
        ("visit_read", "person_present"),
    ]
    assert {each["subject"] for each in log[:2]} == {subject_of(colleague)}


async def test_a_reason_is_one_of_the_list(api, colleague, visited):
    _, visit = visited
    answer = await api.get(visit, headers=colleague | {"Solidary-Reason": "her husband called"})
    assert answer.status_code == 422


async def test_a_note_of_the_identity_is_withheld_and_not_lost(api, desk, colleague, register):
    family = await register()
    path = f"/people/{family.mother}"
    identity = (await api.get(path, headers=desk)).json()["identity"] | {"note": "canary note"}
    assert (await api.put(f"{path}/identity", json=identity, headers=desk)).status_code == 200
    shown = (await api.get(path, headers=colleague)).json()
    assert (shown["identity"]["note"], shown["note_withheld"]) == (None, True)
    refused = await api.put(f"{path}/identity", json=shown["identity"], headers=colleague)
    assert refused.status_code == 403
    shown = (await api.get(path, headers=colleague | PRESENT)).json()
    assert (shown["identity"]["note"], shown["note_withheld"]) == ("canary note", False)


async def test_recording_a_need_does_not_tell_a_colleague_which_are_open(api, colleague, register):
    family = await register()
    path = f"/people/{family.mother}/needs"
    answers = [await api.post(path, json={"code": code}, headers=colleague) for code in ("LP-ND", "CR-SE")]
    assert [answer.status_code for answer in answers] == [403, 403]


async def test_a_consent_that_lists_needs_does_not_tell_a_colleague_which_are_open(
    api, desk, colleague, register, tokens
):
    family = await register()
    body = {
        "person_id": str(family.mother),
        "recipient": str(tokens.agency("chorrera")),
        "purpose": "referral",
        "categories": ["language", "needs"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }
    await api.post(f"/people/{family.mother}/needs", json={"code": "CR-SE"}, headers=desk)
    for code in ("CR-SE", "LP-ND"):
        refused = await api.post("/consents", json=body | {"needs": [code]}, headers=colleague)
        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:solidary:problem:need-to-know-missing",
        )
    assert (await api.post("/consents", json=body, headers=colleague)).status_code == 201
    stated = await api.post("/consents", json=body | {"needs": ["CR-SE"]}, headers=colleague | PRESENT)
    assert stated.status_code == 201


async def test_an_assigned_colleague_needs_no_reason_until_the_assignment_ends(
    api, worker, colleague, visited
):
    family, visit = visited
    path = f"/people/{family.mother}/assignments"
    body = {"assignee": subject_of(colleague), "role": "team"}
    assert (await api.post(path, json=body, headers=worker)).status_code == 403
    made = await api.post(path, json=body, headers=worker | {"Solidary-Reason": "supervision"})
    assert made.status_code == 201
    assert made.json()["assigned_by"] == subject_of(worker)
    assert (await api.get(made.headers["location"], headers=worker)).json() == made.json()
    assert (await api.get(visit, headers=colleague)).status_code == 200
    await api.post(f"{made.headers['location']}/end", headers=worker)
    assert (await api.get(visit, headers=colleague)).status_code == 403


async def test_a_colleague_receives_whom_they_record_a_visit_of(api, colleague, register):
    family = await register()
    body = {"centre": "pao_la_chorrera", "reason": "follow_up"}
    assert (await api.get(f"/people/{family.child}/needs", headers=colleague)).status_code == 403
    await api.post(f"/people/{family.child}/visits", json=body, headers=colleague)
    assert (await api.get(f"/people/{family.child}/needs", headers=colleague)).status_code == 200
    assert (await api.get(f"/people/{family.mother}/needs", headers=colleague)).status_code == 403


async def test_the_duty_alone_opens_no_restricted_record(api, officer, register):
    family = await register()
    path = f"/people/{family.mother}/restricted-needs"
    assert (await api.get(path, headers=officer)).status_code == 403
    assert (await api.post(path, json={"code": "TR-HO"}, headers=officer)).status_code == 403
    assert (await api.post(path, json={"code": "TR-HO"}, headers=officer | PRESENT)).status_code == 201


async def test_the_database_opens_restricted_records_to_their_duties_only(
    api, officer, register, database, tokens
):
    family = await register()
    path = f"/people/{family.mother}/restricted-needs"
    await api.post(path, json={"code": "TR-HO"}, headers=officer | PRESENT)
    found = {}
    for duty in (Duty.PROTECTION_OFFICER, Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.AUDITOR):
        principal = Principal(family.mother, tokens.agency("unhcr"), "unhcr", frozenset({duty}))
        async with database.unit(principal) as unit:
            needs = select(RestrictedNeed).where(RestrictedNeed.root == family.mother)
            found[duty] = len((await unit.session.scalars(needs)).all())
    assert found == {
        Duty.PROTECTION_OFFICER: 1,
        Duty.FRONT_DESK: 0,
        Duty.CASE_WORKER: 0,
        Duty.AUDITOR: 0,
    }


async def test_the_table_and_the_log_disclose_no_restricted_need(api, officer, register, test_database):
    family = await register()
    path = f"/people/{family.mother}/restricted-needs"
    bodies = [{"code": "TR-HO"}, {"code": "SV-VF", "severity": "high", "note": "canary note"}]
    for body in bodies:
        await api.post(path, json=body, headers=officer | PRESENT)
    await api.get(f"/people/{family.child}/restricted-needs", headers=officer | PRESENT)
    with psycopg.connect(test_database.admin) as admin:
        rows = admin.execute(
            "SELECT content, to_jsonb(n)::text FROM data.restricted_need n WHERE root = %s", (family.mother,)
        ).fetchall()
        log = admin.execute(
            "SELECT DISTINCT action, reference FROM data.access_entry WHERE action LIKE '%restricted%'"
        ).fetchall()
    assert len({len(content) for content, _ in rows}) == 1
    assert not any(word in row for _, row in rows for word in ("TR-HO", "SV-VF", "high", "canary"))
    assert log == [("restricted_needs_opened", None)], "with and without a need, reading and writing alike"
