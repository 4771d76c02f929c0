"""Reports of providers over HTTP, and their effect on payments, the ledger and the events."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from solidary.platform.identity import Duty

DAY = {"execution_date": "2026-11-24"}
PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def status_report(*statuses: tuple[str, str]) -> bytes:
    """Return a pain.002 with a status for each payment id."""
    records = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{UUID(id_).hex}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for id_, status in statuses
    )
    return (
        f'<Document xmlns="{PAIN}"><CstmrPmtStsRpt><GrpHdr><MsgId>{uuid4().hex}</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>M</OrgnlPmtInfId>{records}</OrgnlPmtInfAndSts>"
        f"</CstmrPmtStsRpt></Document>"
    ).encode()


def statement(id_: str, amount: str) -> bytes:
    """Return a camt.053 with one booked debit."""
    content = notice(id_, amount).replace(CAMT.encode(), CAMT.replace("054", "053").encode())
    return content.replace(b"BkToCstmrDbtCdtNtfctn", b"BkToCstmrStmt").replace(b"Ntfctn>", b"Stmt>")


def notice(id_: str, amount: str, direction: str = "DBIT", reversal: bool = False) -> bytes:
    """Return a camt.054 with one booked entry."""
    sign = "<RvslInd>true</RvslInd>" if reversal else ""
    return (
        f'<Document xmlns="{CAMT}"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{uuid4().hex}</MsgId></GrpHdr><Ntfctn>'
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{sign}'
        f"<Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs><EndToEndId>{UUID(id_).hex}</EndToEndId></Refs>"
        f"</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


@pytest.fixture
async def sent(world):
    """Dispatch a plan; return its budget line, its path and its payment's id."""
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    await world.household()
    plan = await world.released(programme)
    answer = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert answer.status_code == 200
    world.orders[plan] = UUID(answer.headers["location"].rsplit("/", 1)[1]).hex
    (payment,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    return line, plan, payment["id"]


async def import_report(world, file: bytes, who=None) -> dict[str, object]:
    answer = await world.api.post("/status-reports", who or world.releaser, content=file)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def state(world, payment: str) -> str:
    return (await world.api.get(f"/payments/{payment}", world.checker)).json()["state"]


async def test_accepted_and_booked_payment_is_delivered(world, sent):
    line, plan, payment = sent
    report = await import_report(world, status_report((payment, "ACSP")))
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


async def test_delivery_is_in_the_feed_of_the_registering_agency(world, sent, tokens):
    _, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    feed = await world.api.get("/events", tokens.of("unhcr", Duty.INTEGRATOR), params={"limit": 200})
    found = [item for item in feed.json()["items"] if item["subject"] == payment]
    assert [item["type"] for item in found] == ["org.solidary.cash.payment.delivered.v1"]


async def test_rejected_payment_frees_its_money_and_its_household(world, sent):
    line, plan, payment = sent
    await import_report(world, status_report((payment, "RJCT")))
    shown = (await world.api.get(f"/payments/{payment}", world.checker)).json()
    assert (shown["state"], shown["reason"]) == ("failed", "AC04")
    assert (await world.accounts(line))["fund:available"]["free"] == 100_000
    programme = (await world.api.get(plan, world.maker)).json()["programme_id"]
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payment_count"] == 1


@pytest.mark.parametrize("text", ["CUENTA DE YOLANDA NUNEZ CERRADA", "DIAZ"])
async def test_free_text_of_a_bank_is_not_published(world, sent, tokens, text):
    _, _, payment = sent
    own = status_report((payment, "RJCT")).replace(b"<Cd>AC04</Cd>", f"<Prtry>{text}</Prtry>".encode())
    await import_report(world, own)
    assert (await world.api.get(f"/payments/{payment}", world.checker)).json()["reason"] == text
    feed = await world.api.get("/events", tokens.of("unhcr", Duty.INTEGRATOR), params={"limit": 200})
    (published,) = [item for item in feed.json()["items"] if item["subject"] == payment]
    assert published["type"] == "org.solidary.cash.payment.failed.v1"
    assert published["data"]["reason"] is None
    assert text not in feed.text


async def test_status_of_the_whole_order_applies_to_each_payment(world, sent):
    _, plan, payment = sent
    order = world.orders[plan]
    body = status_report().replace(b"<OrgnlMsgId>M<", f"<OrgnlMsgId>{order}<".encode())
    refused = body.replace(
        b"</OrgnlGrpInfAndSts>",
        b"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>",
    )
    assert (await import_report(world, refused))["matched"] == 1
    shown = (await world.api.get(f"/payments/{payment}", world.checker)).json()
    assert (shown["state"], shown["reason"]) == ("failed", "FF01")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "reconciled"
    unknown = refused.replace(order.encode(), b"SOMEBODY-ELSES")
    assert (await import_report(world, unknown))["unmatched"] == 1


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
        await import_report(world, statement(payment, "250.00"))
    books = await world.accounts(line)
    assert (books["delivered"]["free"], books["fsp:clearing:yappy"]["free"]) == (25_000, 0)
    await import_report(world, notice(payment, "250.00", "CRDT", reversal=True))
    books = await world.accounts(line)
    assert (books["delivered"]["free"], books["beneficiary:payable"]["free"]) == (0, 25_000)


async def test_contradiction_changes_nothing_and_is_listed(world, sent):
    line, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    report = await import_report(world, status_report((payment, "RJCT")))
    assert report["contradictions"] == 1
    listed = (await world.api.get("/contradictions", world.maker)).json()["items"]
    (found,) = [each for each in listed if each["report_id"] == report["id"]]
    assert (found["payment_id"], found["state"], found["status"], found["reason"]) == (
        payment,
        "delivered",
        "RJCT",
        "AC04",
    )
    assert found["explanation"] == "The provider reported «failed», but the payment is «delivered»."
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


async def test_same_file_is_imported_once(world, sent):
    _, _, payment = sent
    file = status_report((payment, "ACSP"))
    await import_report(world, file)
    again = await world.api.post("/status-reports", world.releaser, content=file)
    assert (again.status_code, again.json()["type"]) == (
        409,
        "urn:solidary:problem:status-report-already-imported",
    )


async def test_report_does_not_match_payments_of_another_agency(world, sent, tokens):
    _, _, payment = sent
    stranger = tokens.of("unhcr", Duty.CASH_RELEASER)
    assert (await import_report(world, status_report((payment, "RJCT")), stranger))["unmatched"] == 1
    assert await state(world, payment) == "sent"


@pytest.mark.parametrize("file", [b"", b"not xml", b"<Document/>", b"<!DOCTYPE x><x/>"])
async def test_file_that_is_not_a_report_is_refused_with_its_place(world, file):
    answer = await world.api.post("/status-reports", world.releaser, content=file)
    assert answer.status_code == 422
    assert answer.json()["errors"]
