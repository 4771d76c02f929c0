"""The way through a route, and the guard in front of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from intake.desk.procedures.states import NEXT, RESOLVED, State, move
from solidary.language.problems import NotAllowed


@given(st.sampled_from(State), st.sampled_from(State))
def test_only_the_arrows_of_the_table_are_taken(state, to):
    if to in NEXT[state]:
        assert move(state, to) is to
    else:
        with pytest.raises(NotAllowed):
            move(state, to)


def test_every_state_can_be_reached_and_leads_to_a_resolution():
    reached, todo = set(), [State.IDENTIFIED]
    while todo:
        reached.add(state := todo.pop())
        todo += NEXT[state] - reached
    assert reached == set(State)
    assert all(NEXT[state] or state in RESOLVED for state in State)


async def test_the_asylum_deadline_is_counted_from_the_day_of_entry(api, desk, register):
    known = await register()
    answer = await api.post(
        f"/people/{known.mother}/guidance", json={"route": "pa-asylum", "language": "es"}, headers=desk
    )
    assert answer.status_code == 201
    advice = answer.json()["advice"]
    assert advice["last_day"] == "2027-01-02"
    assert advice["timing"] in ("in_time", "last_days", "passed")
    assert advice["text"].startswith("Si tuvo que salir de su país")
    assert advice["sources"][0]["review"] == "to_be_reviewed"
    assert (await api.get(answer.headers["location"], headers=desk)).json() == answer.json()


async def test_a_late_deadline_leads_to_legal_aid_and_never_to_not_eligible(api, desk, family):
    body = family()
    late = datetime.now(UTC).date() - relativedelta(months=7)
    body["members"][0]["entered_on"] = late.isoformat()
    mother = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()["members"][0]
    routes = await api.get(f"/people/{mother['person_id']}/routes?kind=asylum", headers=desk)
    (asylum,) = routes.json()
    assert (asylum["timing"], asylum["legal_aid"], asylum["by_default"]) == ("passed", True, True)
    assert [warning["caution"] for warning in asylum["warnings"]] == ["late"]


async def test_a_child_without_papers_is_guided_to_school_in_spanish(api, desk, register):
    known = await register()
    route = {"route": "pa-school-without-papers"}
    advice = (await api.post(f"/people/{known.child}/guidance", json=route, headers=desk)).json()["advice"]
    assert advice["text"].startswith("Toda niña y todo niño tiene derecho a ir a la escuela")
    assert len(advice["steps"]) == 3


async def test_the_consulate_is_not_proposed_by_default(api, desk, register):
    known = await register()
    where = f"/people/{known.child}/procedures"
    refused = await api.post(where, json={"route": "pa-late-birth-venezuela"}, headers=desk)
    assert refused.status_code == 409
    assert "consulado" in refused.json()["errors"][0]["detail"]
    assert (await api.get(where, headers=desk)).json() == []
    talked = {"route": "pa-late-birth-venezuela", "talked_over": True}
    assert (await api.post(where, json=talked, headers=desk)).status_code == 201


async def test_a_procedure_goes_its_way_and_the_timeline_shows_it(api, desk, register):
    known = await register()
    where = f"/people/{known.mother}/procedures"
    opened = await api.post(where, json={"route": "pa-asylum"}, headers=desk)
    assert (opened.status_code, opened.json()["state"]) == (201, "identified")
    assert opened.json()["deadline"] == "2027-01-02"
    assert (await api.post(where, json={"route": "pa-asylum"}, headers=desk)).status_code == 409
    place = opened.headers["location"]
    for to in ("informed", "gathering_documents", "submitted"):
        moved = await api.post(f"{place}/state", json={"to": to}, headers=desk)
        assert moved.json()["state"] == to
    assert (await api.post(f"{place}/state", json={"to": "identified"}, headers=desk)).status_code == 409
    assert (await api.get(place, headers=desk)).json() == moved.json()
    timeline = (await api.get(f"/people/{known.mother}/timeline", headers=desk)).json()["items"]
    assert [item["kind"] for item in timeline][:4] == [
        "procedure_submitted",
        "procedure_gathering_documents",
        "procedure_informed",
        "procedure_opened",
    ]


@pytest.mark.parametrize("path", ["procedures", "guidance"])
async def test_an_unknown_route_is_refused_at_its_field(api, desk, register, path):
    known = await register()
    refused = await api.post(f"/people/{known.mother}/{path}", json={"route": "pa-nothing"}, headers=desk)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/route"


async def test_another_agency_finds_neither_person_nor_procedure(api, desk, other_desk, register):
    known = await register()
    where = f"/people/{known.mother}/procedures"
    opened = await api.post(where, json={"route": "pa-asylum"}, headers=desk)
    place = opened.headers["location"]
    for method, path, body in (
        ("GET", where, None),
        ("GET", place, None),
        ("POST", where, {"route": "pa-asylum"}),
        ("POST", f"{place}/state", {"to": "informed"}),
        ("GET", f"/people/{known.mother}/routes", None),
        ("POST", f"/people/{known.mother}/guidance", {"route": "pa-asylum"}),
    ):
        assert (await api.request(method, path, json=body, headers=other_desk)).status_code == 404
