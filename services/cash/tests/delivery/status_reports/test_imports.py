"""The import of a file: who brings it, what is stored until it is applied, and how often it is."""

from __future__ import annotations

import zlib

import psycopg
import pytest
from cash.delivery.status_reports.jobs import MAX_WAITING
from solidary.platform.identity import Duty
from solidary_testing import eventually

from services.cash.tests.delivery.status_reports.reports import import_report, notice, state, status_report


async def test_report_names_who_brought_it(world, sent):
    _, _, payment = sent
    report = await import_report(world, status_report(world.order, (payment, "ACSP")))
    assert report["order_message"] == world.order
    assert (await world.api.get(f"/payments/{payment}", world.checker)).json()["report_id"] == report["id"]
    for who in (world.maker, world.checker, world.releaser):
        file = status_report(world.order, (payment, "RJCT"))
        assert (await world.api.post("/status-reports", who, content=file)).status_code == 403


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


@pytest.mark.parametrize("file", [b"", b"not xml", b"<Document/>", b"<!DOCTYPE x><x/>"])
async def test_file_that_is_not_a_report_is_refused_with_its_place(world, file):
    answer = await world.api.post("/status-reports", world.bank, content=file)
    assert answer.status_code == 422
    assert answer.json()["errors"]


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
