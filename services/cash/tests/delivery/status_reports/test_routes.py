"""Reports of providers over HTTP, and their effect on payments, the ledger and the events."""

from __future__ import annotations

import zlib
from uuid import UUID, uuid4

import psycopg
import pytest
from cash.delivery.status_reports.jobs import MAX_WAITING
from solidary.platform.identity import Duty
from solidary_testing import eventually

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def status_report(order: str, *statuses: tuple[str, str]) -> bytes:
    """Return a pain.002 on an order with a status for each payment id."""
    records = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{UUID(id_).hex}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for id_, status in statuses
    )
    return (
        f'<Document xmlns="{PAIN}"><CstmrPmtStsRpt><GrpHdr><MsgId>{uuid4().hex}</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{order}</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{order}</OrgnlPmtInfId>{records}</OrgnlPmtInfAndSts>"
        f"</CstmrPmtStsRpt></Document>"
    ).encode()


def statement(id_: str, amount: str, booking: str = "") -> bytes:
    """Return a camt.053 with one booked debit."""
    content = notice(id_, amount, booking=booking).replace(CAMT.encode(), CAMT.replace("054", "053").encode())
    return content.replace(b"BkToCstmrDbtCdtNtfctn", b"BkToCstmrStmt").replace(b"Ntfctn>", b"Stmt>")


def notice(
    id_: str, amount: str, direction: str = "DBIT", reversal: bool = False, booking: str = ""
) -> bytes:
    """Return a camt.054 with one booked entry; `booking` is the bank's reference."""
    refs = f"<AcctSvcrRef>{booking}</AcctSvcrRef>" if booking else ""
    sign = "<RvslInd>true</RvslInd>" if reversal else ""
    return (
        f'<Document xmlns="{CAMT}"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{uuid4().hex}</MsgId></GrpHdr><Ntfctn>'
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{sign}'
        f"<Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs>{refs}<EndToEndId>{UUID(id_).hex}</EndToEndId></Refs>"
        f"</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


@pytest.fixture
async def sent(world):
    """Dispatch a plan; return its budget line, its path and its payment's id."""
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    await world.household()
    plan = await world.released(programme)
    await world.ordered(plan)
    (payment,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    return line, plan, payment["id"]


async def import_report(world, file: bytes, who=None) -> dict[str, object]:
    who = who or world.bank
    work = await world.outcome(await world.api.post("/status-reports", who, content=file), who)
    assert work["failure"] is None, work
    return (await world.api.get(work["result"], who)).json()


async def state(world, payment: str) -> str:
    return (await world.api.get(f"/payments/{payment}", world.checker)).json()["state"]


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


async def test_delivery_is_in_the_feed_of_the_registering_agency(world, sent, tokens):
    _, _, payment = sent
    await import_report(world, notice(payment, "250.00"))
    feed = await world.api.get("/events", tokens.of("unhcr", Duty.INTEGRATOR), params={"limit": 200})
    found = [item for item in feed.json()["items"] if item["subject"] == payment]
    assert [item["type"] for item in found] == ["org.solidary.cash.payment.delivered.v1"]


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


async def test_repeated_payment_costs_as_many_statements_as_a_single_one(world, sent, count_statements):
    _, _, payment = sent
    one = status_report(world.order, (payment, "ACSP"))
    record = one[one.index(b"<TxInfAndSts>") : one.index(b"</OrgnlPmtInfAndSts>")]
    other = record.replace(b"ACSP", b"BLCK")
    many = one.replace(record, (record + other) * 2_000)
    with count_statements() as for_one:
        await import_report(world, one)
    with count_statements() as for_many:
        report = await import_report(world, many)
    assert report["matched"] == 4_000
    assert len(for_many) <= len(for_one) + 1
    assert await state(world, payment) == "unknown"


async def test_report_names_who_brought_it(world, sent):
    _, _, payment = sent
    report = await import_report(world, status_report(world.order, (payment, "ACSP")))
    assert report["order_message"] == world.order
    assert (await world.api.get(f"/payments/{payment}", world.checker)).json()["report_id"] == report["id"]
    for who in (world.maker, world.checker, world.releaser):
        file = status_report(world.order, (payment, "RJCT"))
        assert (await world.api.post("/status-reports", who, content=file)).status_code == 403


@pytest.mark.parametrize("text", ["CUENTA DE YOLANDA NUNEZ CERRADA", "DIAZ"])
async def test_free_text_of_a_bank_is_not_published(world, sent, tokens, text):
    _, _, payment = sent
    own = status_report(world.order, (payment, "RJCT")).replace(
        b"<Cd>AC04</Cd>", f"<Prtry>{text}</Prtry>".encode()
    )
    await import_report(world, own)
    plan = sent[1]
    assert (await world.api.post(f"{plan}/confirmed-rejections", world.checker, CONFIRMED)).status_code == 201
    assert (await world.api.get(f"/payments/{payment}", world.checker)).json()["reason"] == text
    feed = await world.api.get("/events", tokens.of("unhcr", Duty.INTEGRATOR), params={"limit": 200})
    (published,) = [item for item in feed.json()["items"] if item["subject"] == payment]
    assert published["type"] == "org.solidary.cash.payment.failed.v1"
    assert published["data"]["reason"] is None
    assert text not in feed.text


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


async def test_same_file_is_imported_once(world, sent):
    _, _, payment = sent
    file = status_report(world.order, (payment, "ACSP"))
    await import_report(world, file)
    again = await world.api.post("/status-reports", world.bank, content=file)
    assert (again.status_code, again.json()["type"]) == (
        409,
        "urn:solidary:problem:status-report-already-imported",
    )


async def test_report_that_waits_is_stored_once_and_without_names(world, sent, place):
    _, _, payment = sent
    file = notice(payment, "250.00").replace(
        b"</Refs>", b"</Refs><RltdPties><Cdtr><Nm>Yolanda</Nm></Cdtr></RltdPties>"
    )
    answers = [await world.api.post("/status-reports", world.bank, content=file) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (answers[0].json()["done"], answers[0].json()["total"]) == (0, 1)
    with psycopg.connect(place.admin) as admin:
        ((body,),) = admin.execute("SELECT body FROM data.status_report_upload").fetchall()
    assert b"Yolanda" in file
    assert b"Yolanda" not in zlib.decompress(body)
    work = await world.outcome(answers[0], world.bank)
    assert (work["failure"], work["done"]) == (None, 1)
    assert await state(world, payment) == "delivered"
    with psycopg.connect(place.admin) as admin:
        assert admin.execute("SELECT count(*) FROM data.status_report_upload").fetchone() == (0,)


async def test_only_a_few_reports_of_an_agency_wait(world, sent, tokens):
    _, _, payment = sent
    waiting = [
        (await world.api.post("/status-reports", world.bank, content=notice(payment, "1.00"))).status_code
        for _ in range(MAX_WAITING + 1)
    ]
    assert waiting == [202] * MAX_WAITING + [409]
    other = tokens.of("unhcr", Duty.BANK_REPORTER)
    answer = await world.api.post("/status-reports", other, content=notice(payment, "1.00"))
    assert answer.status_code == 202
    await world.jobs()


async def test_import_that_ends_early_has_no_effect_and_is_repeated(world, sent, monkeypatch):
    _, _, payment = sent
    interrupted = []

    async def settle(*_):
        interrupted.append(1)
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("cash.accounting.ledger.commands.settle", settle)
        answer = await world.api.post("/status-reports", world.bank, content=notice(payment, "250.00"))
        await world.jobs()
    assert interrupted
    assert await state(world, payment) == "sent"

    async def is_over():
        return (await world.outcome(answer, world.bank))["finished"] is not None

    await eventually(is_over, what="the second attempt")
    assert await state(world, payment) == "delivered"
    page = (await world.api.get("/status-reports", world.bank)).json()["items"]
    assert [report["matched"] for report in page][:1] == [1]


async def test_report_does_not_match_payments_of_another_agency(world, sent, tokens):
    _, _, payment = sent
    stranger = tokens.of("unhcr", Duty.BANK_REPORTER)
    assert (await import_report(world, status_report(world.order, (payment, "RJCT")), stranger))[
        "unmatched"
    ] == 1
    assert await state(world, payment) == "sent"


@pytest.mark.parametrize("file", [b"", b"not xml", b"<Document/>", b"<!DOCTYPE x><x/>"])
async def test_file_that_is_not_a_report_is_refused_with_its_place(world, file):
    answer = await world.api.post("/status-reports", world.bank, content=file)
    assert answer.status_code == 422
    assert answer.json()["errors"]
