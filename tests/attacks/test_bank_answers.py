"""Attacks on the bank's word: answers to payment orders that the bank never gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.attacks.conftest import Cash, subject

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
XML = {"Content-Type": "application/xml"}


def status_report(order: str, payment: str, status: str = "RJCT") -> bytes:
    """Return a pain.002 on an order with a status for one payment."""
    return (
        f'<Document xmlns="{PAIN}"><CstmrPmtStsRpt><GrpHdr><MsgId>{uuid4().hex}</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{order}</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
        f"<OrgnlPmtInfId>{order}</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>{UUID(payment).hex}</OrgnlEndToEndId>"
        f"<TxSts>{status}</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>"
        f"</CstmrPmtStsRpt></Document>"
    ).encode()


def bring(cash: Cash, file: bytes, channel: str = "iom-bank") -> dict[str, object]:
    """Bring an answer through a bank's channel; return the report that its import made."""
    headers = cash.machine(channel)
    answer = cash.send(headers | XML, "POST", "/status-reports", content=file)
    assert answer.status_code == 202, answer.text
    work = cash.send(headers, "GET", answer.headers["location"]).json()
    assert work["failure"] is None, work
    return cash.send(headers, "GET", work["result"]).json()


@pytest.fixture(scope="module")
def order(cash: Cash) -> tuple[str, str, str]:
    """A plan that was ordered, its order's message id and its payment."""
    return cash.ordered()


def test_nobody_but_the_banks_channel_brings_an_answer(cash: Cash, order):
    """Reject an order by hand, as its releaser, as others of the agency and as its own software."""
    _, message, payment = order
    forged = status_report(message, payment)
    people = [
        cash.tokens.demonstration(f"iom.cash_{who}") for who in ("maker", "checker1", "checker2", "releaser")
    ]
    for headers in [*people, cash.machine("iom-integrator")]:
        answer = cash.send(headers | XML, "POST", "/status-reports", content=forged)
        assert answer.status_code == 403, answer.text
    assert bring(cash, forged, "unhcr-bank")["unmatched"] == 1
    assert cash.state(f"/payments/{payment}") == "sent"


def test_answer_to_another_order_changes_nothing(cash: Cash, order):
    """Bring an answer to one order that names a payment of another one."""
    _, _, payment = order
    other = status_report("AN-ORDER-OF-SOMEBODY", payment)
    report = bring(cash, other)
    assert (report["matched"], report["contradictions"]) == (1, 1)
    assert cash.state(f"/payments/{payment}") == "sent"


def test_word_of_a_stranger_stops_no_file(cash: Cash):
    """Put a payment whose reference is invisible beside the answer to another one: the bank's word still counts."""
    _, message, payment = cash.ordered()
    ours = status_report(message, payment, "ACSP")
    begin, end = ours.index(b"<TxInfAndSts>"), ours.index(b"</OrgnlPmtInfAndSts>")
    stranger = ours[begin:end].replace(UUID(payment).hex.encode(), "A\u00a0B\u200b".encode())
    both = ours[:begin] + stranger + ours[begin:]
    report = bring(cash, both)
    assert (report["matched"], report["unmatched"]) == (1, 1)
    assert cash.state(f"/payments/{payment}") == "accepted_by_fsp"


def test_order_that_no_bank_can_pay_is_refused_at_once(cash: Cash):
    """Pay in a month that does not exist, on a day that is over, and from a debtor whose name no bank writes."""
    programme = cash.programme()["id"]
    for cycle in ("0000-01", "2026-13", "2026-1"):
        body = {"programme_id": programme, "cycle": cycle}
        assert cash.call("iom.cash_maker", "POST", "/payment-plans", body).status_code == 422, cycle
    debtor = {"name": "\u4e2d\u6587", "account": {"number": "04-12-99-1"}, "bic": "NACNPAPA"}
    corrected = cash.call("iom.cash_maker", "POST", f"/programmes/{programme}/debtor", debtor)
    assert corrected.status_code == 422, corrected.text
    plan = cash.released()
    for day in (datetime.now(UTC) - timedelta(days=2), datetime.now(UTC) + timedelta(days=4000)):
        order = {"execution_date": day.date().isoformat()}
        refused = cash.call("iom.cash_releaser", "POST", f"{plan}/instruction", order)
        assert refused.status_code == 422, refused.text
    assert cash.state(plan) == "released"


@pytest.mark.parametrize("who", ["iom.cash_maker", "iom.cash_checker1", "iom.cash_releaser"])
def test_database_refuses_an_answer_by_who_had_a_part_in_the_payment(cash: Cash, order, who: str):
    """Write a report as the service's own role, in the name of a maker, an approver or a releaser."""
    _, _, payment = order
    me = subject(cash.tokens.demonstration(who))
    report = """INSERT INTO data.status_report (id, root, sha256, message, version, matched, unmatched, contradictions)
        VALUES (%(report)s, %(report)s, %(report)s::text, 'pain.002', '001.12', 1, 0, 0)"""
    reject = "UPDATE data.payment SET state = 'rejected', report_id = %(report)s WHERE id = %(payment)s"
    named = {"report": uuid4(), "payment": payment}
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        cash.as_service(me, report, reject, **named)
    assert refused.value.diag.constraint_name == "payment_answer_independent"


@pytest.mark.parametrize("who", ["iom.cash_releaser", "iom.auditor"])
def test_database_refuses_a_void_without_the_failure_of_its_payment(cash: Cash, order, who: str):
    """Void the reservation of a payment that was sent, as the service's own role, to spend its money again."""
    _, _, payment = order
    void = """INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account,
            credit_role, currency, amount, payment_id, reservation_id)
        SELECT agency, root, 'void', code, debit_account, debit_role, credit_account, credit_role, currency, amount,
            payment_id, id FROM data.transfer WHERE payment_id = %(payment)s AND kind = 'pending'"""
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        cash.as_service(subject(cash.tokens.demonstration(who)), void, payment=payment)
    assert refused.value.diag.constraint_name == "payment_state_in_ledger"


def test_rejection_alone_pays_nobody_again(cash: Cash, order):
    """Reject a payment through the bank's channel, and pay its household again at once."""
    plan, message, payment = order
    assert bring(cash, status_report(message, payment))["contradictions"] == 0
    assert cash.state(f"/payments/{payment}") == "rejected"
    shown = cash.call("iom.cash_maker", "GET", plan).json()
    again = cash.call(
        "iom.cash_maker",
        "POST",
        "/payment-plans",
        {"programme_id": shown["programme_id"], "cycle": shown["cycle"]},
    ).json()
    cash.call("iom.cash_maker", "POST", f"/payment-plans/{again['id']}/populate")
    assert cash.call("iom.cash_maker", "GET", f"/payment-plans/{again['id']}").json()["payment_count"] == 0

    reason = {"reason": "The bank confirmed by telephone that nothing was debited."}
    where = f"{plan}/confirmed-rejections"
    for who in ("iom.cash_maker", "iom.cash_releaser"):
        assert cash.call(who, "POST", where, reason).status_code == 403
    assert cash.send(cash.machine("iom-bank"), "POST", where, reason).status_code == 403
    assert cash.call("iom.cash_checker1", "POST", where, reason).status_code == 201
    assert cash.state(f"/payments/{payment}") == "failed"


def test_many_answers_of_one_agency_wait_within_a_bound(cash: Cash, order):
    """Bring more answers than a worker imports meanwhile: none is lost, and other agencies are not held up."""
    _, message, payment = order
    url = cash.scenario_run.run.services["cash"] + "/status-reports"
    headers = cash.machine("iom-bank") | XML
    files = [status_report(message, payment, "PDNG") for _ in range(30)]
    answers = [
        httpx.post(url, headers=headers | {"Idempotency-Key": str(uuid4())}, content=file, timeout=30)
        for file in files
    ]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert bring(cash, status_report(message, payment, "PDNG"), "unhcr-bank")["unmatched"] == 1


def test_answer_larger_than_the_limit_is_refused_before_it_is_read(cash: Cash):
    """Announce a file larger than 64 MiB, and send nothing of it."""
    address = cash.scenario_run.run.services["cash"].removeprefix("http://")
    connection = HTTPConnection(address, timeout=30)
    connection.putrequest("POST", "/status-reports")
    size = {"Content-Length": str(64 * 1024 * 1024 + 1), "Idempotency-Key": str(uuid4())}
    for name, value in (cash.machine("iom-bank") | XML | size).items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
