"""Procedures and guidance on legal pathways."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from intake.desk.procedures.rules import PROCEDURE_TRANSITIONS as TABLE
from intake.desk.procedures.rules import RESOLVED_STATES, ProcedureState


def test_every_state_is_reachable_and_leads_to_a_resolution():
    targets = {state: {t.target for t in TABLE.transitions if t.source is state} for state in ProcedureState}
    reached, todo = set(), list(TABLE.initial)
    while todo:
        reached.add(state := todo.pop())
        todo += targets[state] - reached
    assert reached == set(ProcedureState)
    assert all(targets[state] or state in RESOLVED_STATES for state in ProcedureState)


async def test_the_asylum_deadline_is_counted_from_the_day_of_entry(api, desk, register):
    family = await register()
    response = await api.post(
        f"/people/{family.mother}/guidance", json={"pathway": "pa-asylum", "language": "es"}, headers=desk
    )
    assert response.status_code == 201
    advice = response.json()["advice"]
    assert advice["last_day"] == "2027-01-02"
    assert advice["timing"] in ("in_time", "last_days", "passed")
    assert advice["text"].startswith("Si tuvo que salir de su país")
    assert advice["sources"][0]["review"] == "to_be_reviewed"
    assert (await api.get(response.headers["location"], headers=desk)).json() == response.json()


async def test_a_passed_deadline_leads_to_legal_aid(api, desk, family):
    body = family()
    late = datetime.now(UTC).date() - relativedelta(months=7)
    body["members"][0]["entered_on"] = late.isoformat()
    mother = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()["members"][0]
    pathways = await api.get(f"/people/{mother['person_id']}/pathways?kind=asylum", headers=desk)
    (asylum,) = pathways.json()
    assert (asylum["timing"], asylum["legal_aid"], asylum["by_default"]) == ("passed", True, True)
    assert [warning["caution"] for warning in asylum["warnings"]] == ["late"]


async def test_guidance_for_a_child_without_papers_explains_school_in_spanish(api, desk, register):
    family = await register()
    pathway = {"pathway": "pa-school-without-papers"}
    advice = (await api.post(f"/people/{family.child}/guidance", json=pathway, headers=desk)).json()["advice"]
    assert advice["text"].startswith("Toda niña y todo niño tiene derecho a ir a la escuela")
    assert len(advice["steps"]) == 3


async def test_the_consulate_is_not_proposed_by_default(api, desk, register):
    family = await register()
    path = f"/people/{family.child}/procedures"
    refused = await api.post(path, json={"pathway": "pa-late-birth-venezuela"}, headers=desk)
    assert refused.status_code == 409
    assert "consulado" in refused.json()["errors"][0]["detail"]
    assert (await api.get(path, headers=desk)).json() == []
    discussed = {"pathway": "pa-late-birth-venezuela", "warnings_discussed": True}
    assert (await api.post(path, json=discussed, headers=desk)).status_code == 201


async def test_the_steps_of_a_procedure_are_added_to_the_timeline(api, desk, register):
    family = await register()
    path = f"/people/{family.mother}/procedures"
    opened = await api.post(path, json={"pathway": "pa-asylum"}, headers=desk)
    assert (opened.status_code, opened.json()["state"]) == (201, "identified")
    assert opened.json()["deadline"] == "2027-01-02"
    assert (await api.post(path, json={"pathway": "pa-asylum"}, headers=desk)).status_code == 409
    location = opened.headers["location"]
    for to in ("informed", "gathering_documents", "submitted"):
        changed = await api.post(f"{location}/state", json={"to": to}, headers=desk)
        assert changed.json()["state"] == to
    assert (await api.post(f"{location}/state", json={"to": "identified"}, headers=desk)).status_code == 409
    assert (await api.get(location, headers=desk)).json() == changed.json()
    timeline = (await api.get(f"/people/{family.mother}/timeline", headers=desk)).json()["items"]
    assert [item["kind"] for item in timeline][:4] == [
        "procedure_submitted",
        "procedure_gathering_documents",
        "procedure_informed",
        "procedure_opened",
    ]


@pytest.mark.parametrize("resource", ["procedures", "guidance"])
async def test_an_unknown_pathway_is_refused_at_its_field(api, desk, register, resource):
    family = await register()
    refused = await api.post(
        f"/people/{family.mother}/{resource}", json={"pathway": "pa-nothing"}, headers=desk
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/pathway"


async def test_another_agency_gets_not_found(api, desk, other_desk, register):
    family = await register()
    path = f"/people/{family.mother}/procedures"
    opened = await api.post(path, json={"pathway": "pa-asylum"}, headers=desk)
    location = opened.headers["location"]
    for method, url, body in (
        ("GET", path, None),
        ("GET", location, None),
        ("POST", path, {"pathway": "pa-asylum"}),
        ("POST", f"{location}/state", {"to": "informed"}),
        ("GET", f"/people/{family.mother}/pathways", None),
        ("POST", f"/people/{family.mother}/guidance", {"pathway": "pa-asylum"}),
    ):
        assert (await api.request(method, url, json=body, headers=other_desk)).status_code == 404
