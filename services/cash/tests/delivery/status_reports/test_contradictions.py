"""Reports that contradict what is recorded: they change nothing, and somebody looks into them."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.identity import Duty

from services.cash.tests.delivery.status_reports.reports import (
    import_report,
    notice,
    state,
    statement,
    status_report,
)


async def test_answer_to_another_order_is_a_contradiction(world, sent):
    _, _, payment = sent
    assert (await import_report(world, status_report("OTHER", (payment, "RJCT"))))["contradictions"] == 1
    assert await state(world, payment) == "sent"
    named = notice(payment, "250.00").replace(b"<EndToEndId>", b"<PmtInfId>OTHER</PmtInfId><EndToEndId>")
    assert (await import_report(world, named))["contradictions"] == 1
    assert await state(world, payment) == "sent"


async def test_second_debit_is_a_contradiction_unless_its_reference_is_known(world, sent):
    _, _, payment = sent
    first, again = (
        statement(payment, "250.00", booking="B-1"),
        statement(payment, "250.00", booking="B-1"),
    )
    for file in (first, again, notice(payment, "250.00")):
        assert (await import_report(world, file))["contradictions"] == 0
    for second in (statement(payment, "250.00", booking="B-2"), statement(payment, "250.00")):
        assert (await import_report(world, second))["contradictions"] == 1


async def test_second_part_of_a_payment_is_a_contradiction(world, sent):
    _, _, payment = sent
    await import_report(world, notice(payment, "100.00"))
    assert (await import_report(world, notice(payment, "150.00")))["contradictions"] == 1
    assert (await import_report(world, statement(payment, "150.00")))["contradictions"] == 1
    shown = (await world.api.get(f"/payments/{payment}", world.checker)).json()
    assert (shown["state"], shown["delivered_amount"]) == ("partial", 10_000)


async def test_two_debits_in_one_file_are_an_effect_and_a_contradiction(world, sent):
    _, _, payment = sent
    one = statement(payment, "250.00", booking="B-1")
    entry = one[one.index(b"<Ntry>") : one.index(b"</Stmt>")]
    report = await import_report(world, one.replace(b"</Stmt>", entry + b"</Stmt>"))
    assert (report["matched"], report["contradictions"]) == (2, 1)


async def test_reference_of_a_stranger_never_stops_a_file(world, sent):
    _, _, payment = sent
    one = statement(payment, "250.00")
    entry = one[one.index(b"<Ntry>") : one.index(b"</Stmt>")]
    stranger = entry.replace(UUID(payment).hex.encode(), "A\u00a0B\u200b".encode()).replace(b"DBIT", b"CRDT")
    report = await import_report(world, one.replace(b"</Stmt>", stranger + b"</Stmt>"))
    assert (report["matched"], report["unmatched"]) == (1, 1)
    assert await state(world, payment) == "delivered"


async def test_contradiction_changes_nothing_and_is_listed(world, sent):
    line, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    report = await import_report(world, status_report(world.order, (payment, "RJCT")))
    assert report["contradictions"] == 1
    listed = (await world.api.get("/contradictions", world.maker)).json()["items"]
    (found,) = [each for each in listed if each["report_id"] == report["id"]]
    assert (found["payment_id"], found["state"], found["status"], found["reason"]) == (
        payment,
        "delivered",
        "RJCT",
        "AC04",
    )
    assert found["explanation"] == "The provider reported «rejected», but the payment is «delivered»."
    stranger = world.tokens.of("unhcr", Duty.CASH_MAKER)
    assert (await world.api.get("/contradictions", stranger)).json()["items"] == []
    assert await state(world, payment) == "delivered"
    assert (await world.accounts(line))["fund:available"]["free"] == 75_000


async def test_more_than_the_entitlement_is_a_contradiction(world, sent):
    _, _, payment = sent
    report = await import_report(world, notice(payment, "250.01"))
    assert report["contradictions"] == 1
    listed = (await world.api.get("/contradictions", world.checker)).json()["items"]
    assert [each["explanation"] for each in listed if each["report_id"] == report["id"]] == [
        "The provider reported 250.01 USD, but the entitlement is 250.00 USD."
    ]
    assert await state(world, payment) == "sent"


async def test_report_does_not_match_payments_of_another_agency(world, sent, tokens):
    _, _, payment = sent
    stranger = tokens.of("unhcr", Duty.BANK_REPORTER)
    assert (await import_report(world, status_report(world.order, (payment, "RJCT")), stranger))[
        "unmatched"
    ] == 1
    assert await state(world, payment) == "sent"
