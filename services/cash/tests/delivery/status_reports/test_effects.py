"""The effects of reports on payments, the ledger and the events."""

from __future__ import annotations

from solidary_testing.services import notices_for

from services.cash.tests.delivery.status_reports.reports import (
    import_report,
    notice,
    state,
    statement,
    status_report,
)


async def test_accepted_and_booked_payment_is_delivered(world, sent):
    line, plan, payment = sent
    report = await import_report(world, status_report(world.order, (payment, "ACSP")))
    assert (report["message"], report["matched"], report["unmatched"]) == ("pain.002", 1, 0)
    assert await state(world, payment) == "accepted_by_fsp"
    assert (await world.api.get(plan, world.checker)).json()["state"] == "reconciling"
    await import_report(world, notice(payment, "250.00"))
    assert await state(world, payment) == "delivered"
    assert (await world.api.get(plan, world.checker)).json()["state"] == "reconciled"
    books = await world.accounts(line)
    assert books["fund:available"] | {"free": None} == {
        "name": "fund:available",
        "currency": "USD",
        "debits_pending": 0,
        "debits_posted": 25_000,
        "credits_pending": 0,
        "credits_posted": 100_000,
        "free": None,
    }
    assert books["fsp:clearing:yappy"]["credits_posted"] == 25_000


async def test_delivery_is_in_the_feed_of_the_registering_agency(world, sent, tokens, place):
    _, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    found = [each for each in notices_for(place, tokens.agency("unhcr")) if each["subject"] == payment]
    assert [item["type"] for item in found] == ["org.solidary.cash.payment.delivered.v1"]


async def test_file_with_two_reports_on_a_payment_applies_them_in_order(world, sent):
    line, _, payment = sent
    delivered, back = notice(payment, "250.00"), notice(payment, "250.00", "CRDT", reversal=True)
    entry = back[back.index(b"<Ntry>") : back.index(b"</Ntfctn>")]
    await import_report(world, delivered.replace(b"</Ntfctn>", entry + b"</Ntfctn>"))
    assert await state(world, payment) == "returned"
    assert (await world.accounts(line))["beneficiary:payable"]["free"] == 25_000


async def test_partial_delivery_is_posted_and_the_rest_is_available_again(world, sent):
    line, _, payment = sent
    await import_report(world, notice(payment, "100.00"))
    assert await state(world, payment) == "partial"
    assert (await world.accounts(line))["fund:available"]["free"] == 90_000


async def test_late_return_is_owed_to_the_household(world, sent):
    line, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    await import_report(world, notice(payment, "250.00", "CRDT", reversal=True))
    assert await state(world, payment) == "returned"
    books = await world.accounts(line)
    assert (books["beneficiary:payable"]["free"], books["fsp:clearing:yappy"]["free"]) == (25_000, 0)


async def test_statement_settles_a_payment_once_and_a_late_return_follows(world, sent):
    line, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    for _ in range(2):
        await import_report(world, statement(payment, "250.00", booking="B-1"))
    books = await world.accounts(line)
    assert (books["delivered"]["free"], books["fsp:clearing:yappy"]["free"]) == (25_000, 0)
    await import_report(world, notice(payment, "250.00", "CRDT", reversal=True))
    books = await world.accounts(line)
    assert (books["delivered"]["free"], books["beneficiary:payable"]["free"]) == (0, 25_000)
