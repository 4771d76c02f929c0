"""Rejections of single payments and of whole orders, and what overrules them."""

from __future__ import annotations

import pytest
from solidary_testing.services import notices_for

from services.cash.tests.delivery.status_reports.reports import import_report, state, statement, status_report

CONFIRMED = {"reason": "The bank confirmed by telephone that nothing was debited."}


async def test_rejected_payment_is_paid_again_after_a_second_person_confirmed_it(world, sent):
    line, plan, payment = sent
    await import_report(world, status_report(world.order, (payment, "RJCT")))
    shown = (await world.api.get(f"/payments/{payment}", world.checker)).json()
    assert (shown["state"], shown["reason"]) == ("rejected", "AC04")
    assert (await world.accounts(line))["fund:available"]["free"] == 75_000
    programme = (await world.api.get(plan, world.maker)).json()["programme_id"]
    early = await world.plan(programme, "populate")
    assert (await world.api.get(early, world.maker)).json()["payment_count"] == 0

    where = f"{plan}/confirmed-rejections"
    confirmed = await world.api.post(where, world.checker, CONFIRMED)
    assert confirmed.status_code == 201, confirmed.text
    assert (confirmed.json()["payment_count"], confirmed.json()["reason"]) == (1, CONFIRMED["reason"])
    assert (await world.api.get(where, world.auditor)).status_code == 404
    assert len((await world.api.get(where, world.maker)).json()) == 1
    assert await state(world, payment) == "failed"
    assert (await world.api.get(plan, world.maker)).json()["state"] == "reconciled"
    assert (await world.accounts(line))["fund:available"]["free"] == 100_000
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payment_count"] == 1
    nothing = await world.api.post(where, world.checker2, CONFIRMED)
    assert nothing.json()["type"] == "urn:solidary:problem:nothing-rejected"


async def test_statement_overrules_a_rejection(world, sent):
    line, _, payment = sent
    await import_report(world, status_report(world.order, (payment, "RJCT")))
    assert (await import_report(world, statement(payment, "250.00")))["contradictions"] == 0
    assert await state(world, payment) == "delivered"
    assert (await world.accounts(line))["delivered"]["free"] == 25_000


@pytest.mark.parametrize("text", ["CUENTA DE YOLANDA NUNEZ CERRADA", "DIAZ"])
async def test_free_text_of_a_bank_is_not_published(world, sent, tokens, place, text):
    _, _, payment = sent
    own = status_report(world.order, (payment, "RJCT")).replace(
        b"<Cd>AC04</Cd>", f"<Prtry>{text}</Prtry>".encode()
    )
    await import_report(world, own)
    plan = sent[1]
    assert (await world.api.post(f"{plan}/confirmed-rejections", world.checker, CONFIRMED)).status_code == 201
    assert (await world.api.get(f"/payments/{payment}", world.checker)).json()["reason"] == text
    notices = notices_for(place, tokens.agency("unhcr"))
    (published,) = [notice for notice in notices if notice["subject"] == payment]
    assert published["type"] == "org.solidary.cash.payment.failed.v1"
    assert published["data"]["reason"] is None
    assert text not in str(notices)


@pytest.mark.parametrize("level", ["GrpSts", "PmtInfSts"])
async def test_status_of_the_whole_order_applies_to_each_payment_that_is_not_named(world, level):
    programme = await world.programme(await world.budget_line())
    for _ in range(3):
        await world.household()
    plan = await world.released(programme)
    await world.ordered(plan)
    items = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    named = status_report(world.order, (items[0]["id"], "RJCT"))
    end = b"</OrgnlGrpInfAndSts>" if level == "GrpSts" else b"<TxInfAndSts>"
    status = f"<{level}>RJCT</{level}><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>".encode()
    refused = named.replace(end, status + end)
    assert (await import_report(world, refused))["matched"] == 3
    after = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    assert sorted((each["state"], each["reason"]) for each in after) == [
        ("rejected", "AC04"),
        ("rejected", "FF01"),
        ("rejected", "FF01"),
    ]
    unknown = status_report("SOMEBODY-ELSES").replace(
        b"</OrgnlGrpInfAndSts>", status + b"</OrgnlGrpInfAndSts>"
    )
    assert (await import_report(world, unknown))["unmatched"] == (level == "GrpSts")
