"""Programmes over HTTP, and the rules and budget lines that are refused."""

from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
async def body(world):
    line = await world.budget_line()
    made = await world.programme(line)
    assert (await world.api.get(f"/programmes/{made}", world.maker)).json()["currency"] == "USD"
    rule = {
        "name": "R",
        "version": 1,
        "currency": "USD",
        "amount": {"kind": "flat", "amount": "10.00"},
        "rounding": {"unit": "1.00", "mode": "down"},
    }
    return {
        "name": "Second",
        "purpose": "rent",
        "budget_line_id": str(line),
        "fsp": "yappy",
        "debtor": {"name": "IOM", "account": {"number": "1"}, "bic": "NACNPAPA"},
        "rule": rule,
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"currency": "COP"}, "/rule/currency"),
        ({"columns": {"surname": "text"}}, "/rule/columns/surname"),
        ({"columns": {"area": "whole"}}, "/rule/columns/area"),
        ({"amount": {"kind": "formula", "formula": "nobody * 2"}}, "/rule/amount/formula"),
        ({"cap": "10.50"}, "/rule/cap"),
    ],
)
async def test_inapplicable_rule_is_refused_with_its_place(world, body, change, pointer):
    answer = await world.api.post("/programmes", world.maker, body | {"rule": body["rule"] | change})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": "Rent money"}, "/purpose"),
        ({"fsp": ""}, "/fsp"),
        ({"approval_tiers": [{"from_total": -1}]}, "/approval_tiers/0/from_total"),
        ({"debtor": {"name": "IOM", "account": {"number": "1"}, "bic": "x"}}, "/debtor/bic"),
        (
            {"debtor": {"name": "\u041c\u041e\u041c", "account": {"number": "1"}, "bic": "NACNPAPA"}},
            "/debtor/name",
        ),
        ({"debtor": {"name": "\u200b", "account": {"number": "1"}, "bic": "NACNPAPA"}}, "/debtor/name"),
        (
            {"debtor": {"name": "IOM", "account": {"number": "//"}, "bic": "NACNPAPA"}},
            "/debtor/account/number",
        ),
    ],
)
async def test_invalid_field_is_named(world, body, change, pointer):
    answer = await world.api.post("/programmes", world.maker, body | change)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_budget_line_out_of_reach_is_not_found(world, body):
    answer = await world.api.post("/programmes", world.maker, body | {"budget_line_id": str(uuid4())})
    assert answer.status_code == 404


async def test_two_tiers_with_one_total_are_refused(world, body):
    tiers = [{"from_total": 5}, {"from_total": 5}]
    answer = await world.api.post("/programmes", world.maker, body | {"approval_tiers": tiers})
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:solidary:problem:approval-tier-repeated",
    )


async def test_debtor_is_corrected_and_names_its_writer(world, body):
    programme = (await world.api.post("/programmes", world.maker, body)).json()["id"]
    where = f"/programmes/{programme}/debtor"
    unwritable = {"name": "\u041c", "account": {"number": "1"}, "bic": "NACNPAPA"}
    refused = await world.api.post(where, world.maker, unwritable)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")
    corrected = unwritable | {"name": "OIM"}
    assert (await world.api.post(where, world.checker, corrected)).status_code == 403
    assert (await world.api.post(where, world.maker, corrected)).status_code == 201
    shown = (await world.api.get(where, world.checker)).json()
    assert (shown["name"], shown["account_number"], shown["bic"]) == ("OIM", "1", "NACNPAPA")


async def test_programme_is_found_by_the_agencys_own_identifier(world, body):
    own = {"system": "ledger", "value": str(uuid4())}
    key = {"Idempotency-Key": str(uuid4())}
    made = await world.api.post("/programmes", world.maker | key, json=body | {"external_ids": [own]})
    assert (made.status_code, made.json()["external_ids"]) == (201, [own])
    found = await world.api.post("/external-ids/find", world.maker, json={"external_ids": [own]})
    assert [each["id"] for each in found.json()["items"]] == [made.json()["id"]]
    listed = (await world.api.get("/programmes", world.maker)).json()["items"]
    assert [each["external_ids"] for each in listed if each["id"] == made.json()["id"]] == [[own]]
    path = f"/programmes/{made.json()['id']}/external-ids"
    emptied = await world.api.client.put(path, headers=world.maker, json={"external_ids": []})
    assert emptied.json()["external_ids"] == []
