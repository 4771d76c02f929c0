"""Tests of plans over HTTP, by their owner and by an agency that works on them."""

from __future__ import annotations

from uuid import uuid4

import pytest


async def test_only_the_agency_that_drew_a_unit_opens_a_plan_for_it(api, plan, tiu, facilitator):
    body = {"title": "Otro plan", "tiu_id": tiu["id"], "currency": "USD", "budget_minor": 1}
    assert (await api.post("/plans", json=body, headers=facilitator)).status_code == 409


async def test_another_agency_finds_no_plan(api, plan, stranger, need):
    for path in (
        plan,
        f"{plan}/needs",
        f"{plan}/actions",
        f"{plan}/demand",
        f"{plan}/turnout",
        f"{plan}/ballot-log",
        f"{plan}/act",
    ):
        assert (await api.get(path, headers=stranger)).status_code == 404, path
    for path, body in (
        ("/advance", {"to": "diagnosis"}),
        ("/needs", need("host")),
        ("/stations", {"name": "Casa comunal"}),
        ("/polling-agencies", {"agency": str(uuid4())}),
        ("/partners", {"agency": str(uuid4())}),
        ("/validate", {"act_number": "1"}),
        ("/allocation", None),
    ):
        assert (await api.post(plan + path, json=body, headers=stranger)).status_code == 404, path
    assert (await api.get("/plans", headers=stranger)).json()["items"] == []


async def test_a_partner_cannot_share_the_plan(api, plan, tokens, facilitator):
    body = {"agency": str(tokens.agency("iom"))}
    assert (await api.post(f"{plan}/partners", json=body, headers=facilitator)).status_code == 404
    assert plan.rsplit("/", 1)[1] in {
        item["id"] for item in (await api.get("/plans", headers=facilitator)).json()["items"]
    }


async def test_a_partner_is_added_once(api, plan, tokens, planner):
    body = {"agency": str(tokens.agency("unhabitat"))}
    again = await api.post(f"{plan}/partners", json=body, headers=planner)
    assert (again.status_code, again.json()["detail"]) == (409, "This agency works on the plan already.")


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"currency": "EUR"}, 422, "/currency"),
        ({"budget_minor": 0}, 422, "/budget_minor"),
        ({"title": ""}, 422, "/title"),
        ({"colour": "red"}, 422, "/colour"),
        ({"tiu_id": str(uuid4())}, 404, None),
    ],
)
async def test_an_invalid_plan_is_rejected(api, planner, tiu, change, status, pointer):
    body = {"title": "Plan", "tiu_id": tiu["id"], "currency": "USD", "budget_minor": 1} | change
    answer = await api.post("/plans", json=body, headers=planner)
    assert answer.status_code == status
    if pointer:
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
