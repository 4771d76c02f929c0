"""The commands `python -m cash read-status`, `write-order` and `check-message`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cash.__main__ import app
from cash.engines.bank_messages import files
from cash.engines.money import Money
from solidary.language.numbers import DecimalMark
from typer.testing import CliRunner, Result

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>
<OrgnlGrpInfAndSts><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>P-1</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>P-2</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>
<OrgnlTxRef><Amt><InstdAmt Ccy="USD">84.00</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>
"""
ORDER: dict[str, Any] = {
    "message_id": "PLAN-1",
    "created": "2026-11-22T09:30:00-05:00",
    "execution": "2026-11-24",
    "initiating_party": "Municipio",
    "debtor": "Municipio",
    "currency": "USD",
    "account": {"number": "03-01", "type": "CACC"},
    "agent": {"bic": "NACNPAPA"},
}
TRANSFERS = """end_to_end_id,amount,creditor,account,scheme,account_type,bic,iban
P-1,150.00,María Núñez,04-72,ACH,SVGS,BAGEPAPA,
P-2,84,José Ibáñez,,,,,DO28 BAGR 0000 0001 2124 5361 1324
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def read(folder: Path, content: str, *options: str) -> Result:
    (folder / "answer.xml").write_text(content, "utf-8")
    return run("read-status", folder / "answer.xml", *options)


def write(folder: Path, order: object = ORDER, transfers: str = TRANSFERS, *options: str) -> Result:
    (folder / "order.json").write_text(order if isinstance(order, str) else json.dumps(order), "utf-8")
    (folder / "transfers.csv").write_text(transfers, "utf-8")
    files = (folder / "order.json", folder / "transfers.csv", "--out", folder / "order.xml")
    return run("write-order", *files, *options)


def test_json_has_the_stated_shape(tmp_path: Path) -> None:
    result = read(tmp_path, ANSWER, "--json")
    assert result.exit_code == 0
    nothing = {"reason": None, "amount": None, "currency": None}
    assert json.loads(result.stdout) == {
        "message": "pain.002",
        "version": "001.12",
        "group_status": "PART",
        "payments": [
            {"end_to_end_id": "P-1", "status": "ACSC", **nothing},
            {
                "end_to_end_id": "P-2",
                "status": "RJCT",
                "reason": "AC04",
                "amount": "84.00",
                "currency": "USD",
            },
        ],
    }


def test_text_output_also_shows_the_payment_status(tmp_path: Path) -> None:
    lines = read(tmp_path, ANSWER).stdout.splitlines()
    assert lines[0] == "pain.002.001.12, group status PART"
    assert lines[2:] == ["P-1\tACSC\t-\t-\t-\tdelivered", "P-2\tRJCT\tAC04\t84.00\tUSD\tfailed"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_truncated_report_prints_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = read(tmp_path, ANSWER[:-40], *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "answer.xml: line" in result.stderr


def test_unsupported_message_is_refused(tmp_path: Path) -> None:
    result = read(tmp_path, ANSWER.replace("pain.002.001.12", "pacs.008.001.08"))
    assert result.exit_code == 2
    assert "This is a pacs.008." in result.stderr


def test_order_is_written_and_conforms_to_its_schema(
    tmp_path: Path, schema_path: Callable[[str], Path]
) -> None:
    result = write(tmp_path, ORDER, TRANSFERS, "--json")
    written = {"message_id": "PLAN-1", "transactions": 2, "control_sum": "234.00", "currency": "USD"}
    assert json.loads(result.stdout) == written
    checked = run("check-message", tmp_path / "order.xml", "--schema", schema_path("pain.001.001.09"))
    assert (checked.exit_code, "2 payments" in checked.stdout) == (0, True)
    asked = ("--schema", schema_path("pain.001.001.09"), "--json")
    found = json.loads(run("check-message", tmp_path / "order.xml", *asked).stdout)
    assert found == {
        "file": str(tmp_path / "order.xml"),
        "schema": "pain.001.001.09.xsd",
        "payments": 2,
    }


def test_order_without_transfers_is_refused(tmp_path: Path) -> None:
    result = write(tmp_path, ORDER, TRANSFERS.splitlines()[0])
    assert result.exit_code == 1
    assert "transfers.csv: 0.00 USD is not an amount that can be paid." in result.stderr


def test_pipe_of_transfers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text(json.dumps(ORDER), "utf-8")
    os.mkfifo(tmp_path / "transfers.csv")
    files = (tmp_path / "order.json", tmp_path / "transfers.csv", "--out", tmp_path / "order.xml")
    result = run("write-order", *files)
    assert result.exit_code == 2
    assert "A pipe cannot be read twice" in result.stderr


def test_transfers_that_change_between_two_readings_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = files._read_totals

    def and_then_changed(path: Path, currency: str, decimal: DecimalMark | None) -> tuple[int, Money]:
        found = counted(path, currency, decimal)
        path.write_text(TRANSFERS.splitlines()[0], "utf-8")
        return found

    monkeypatch.setattr(files, "_read_totals", and_then_changed)
    result = write(tmp_path)
    assert result.exit_code == 1
    assert "transfers.csv: The file changed while it was read." in result.stderr
    assert not (tmp_path / "order.xml").exists()


def test_message_that_is_invalid_or_truncated_is_refused(
    tmp_path: Path, schema_path: Callable[[str], Path]
) -> None:
    write(tmp_path)
    message = tmp_path / "order.xml"
    whole = message.read_text("utf-8")
    for broken, reason in ((whole[:-30], "line"), (whole.replace("TRF", "XXX"), "PmtMtd")):
        message.write_text(broken, "utf-8")
        result = run("check-message", message, "--schema", schema_path("pain.001.001.09"))
        assert result.exit_code == 1
        assert reason in result.stderr
    assert run("check-message", message, "--schema", message).exit_code == 1


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ("{", "order.json: "),
        ("[]", "order.json: the document: This must be an object."),
        (json.dumps(ORDER)[:-1] + ', "debtor": "Other"}', "twice: at line 1, column "),
        (json.dumps(ORDER) + "{}", "There is more text after the end."),
        ({**ORDER, "debtor": "\ud83d"}, "order.json: /debtor: This text has half of a character"),
        ({**ORDER, "execution": 0}, "order.json: /execution: This must be a date"),
        ({**ORDER, "execution": "soon"}, "order.json: /execution"),
        ({**ORDER, "account": {}}, "order.json: /account"),
        ({**ORDER, "created": "2026-11-22T09:30:00"}, "order.json: /created: The time has no time zone."),
        (
            {**ORDER, "created": "2026-11-22T09:30:00+18:00"},
            "order.json: /created: The time zone is 18:00:00",
        ),
        ({**ORDER, "currency": []}, "order.json: /currency: "),
        ({**ORDER, "currency": 5}, "order.json: /currency: "),
        ({**ORDER, "currency": "EURO"}, "order.json: /currency: ISO 4217 has no currency 'EURO'"),
        ({**ORDER, "alfabet": "unicode"}, "order.json: /alfabet: This field is not known here"),
        ({**ORDER, "agent": {"bic": "NACNPAPA", "meber": "7"}}, "order.json: /agent/meber: "),
        ({**ORDER, "account": {"number": "1", "iban": "2"}}, "order.json: /account/"),
        ({**ORDER, "debtor": "王伟"}, "order.json: /debtor: '王伟' contains characters without"),
        ({**ORDER, "agent": {}}, "order.json: /agent: The bank has neither a BIC"),
        ({key: value for key, value in ORDER.items() if key != "currency"}, "order.json: /currency"),
        ({**ORDER, "currency": "XAU"}, "no minor unit"),
        ({**ORDER, "message_id": "/1"}, "order.json: /message_id: '/1' is not an identifier"),
    ],
)
def test_invalid_order_is_refused_with_its_place(tmp_path: Path, order: object, place: str) -> None:
    result = write(tmp_path, order)
    assert result.exit_code == 1
    assert place in result.stderr
    assert not (tmp_path / "order.xml").exists()


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("P-1,1,A,0472,,,,", "line 4: The end_to_end_id 'P-1' occurs twice; it is already on line 2."),
        ("P-3,0.005,A,0472,,,,", "line 4: The amount 0.005 is finer than the minor unit of USD."),
        (
            "P-3,150.000,A,0472,,,,",
            "line 4: amount: 150.000 may be 150 or 150000. Write 150 or 150000. Or",
        ),
        ("P-3,1.23457E+11,A,0472,,,,", "line 4: amount: 1.23457E+11 was rounded by a spreadsheet"),
        ("P-3,1,A,5.07612E+10,,,,", "line 4: The account 5.07612E+10 is no number of an account."),
        ("P-3,1,A,S/N,,,,", "line 4: The account S/N is no number of an account."),
        ("P-3,-1,A,0472,,,,", "line 4: amount: -1 is less than 0"),
        ("P-3,1,A,,,,,", "line 4: Fill in either iban or account."),
        ("P-3,1,A,0472,,CHEAP,,", "line 4: The account_type is 'CHEAP'. It must be one of CACC, SVGS."),
        (
            'P-3,1,"An\na",0472,,,,\nP-4,1,王伟,0472,,,,',
            "line 6: P-4: '王伟' contains characters without a Latin form",
        ),
        ("P-3,1,A,0472,,,BANK,", "line 4: P-3: 'BANK' is not a BIC."),
        ("P-3,0,A,0472,,,,", "line 4: P-3: 0.00 USD is not an amount"),
    ],
)
def test_invalid_transfer_is_refused_and_nothing_is_written(tmp_path: Path, line: str, place: str) -> None:
    result = write(tmp_path, ORDER, TRANSFERS + line + "\n")
    assert result.exit_code == 1
    assert place in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["order.json", "transfers.csv"]


def test_stated_mark_before_decimals_decides_between_two_readings(tmp_path: Path) -> None:
    transfers = "end_to_end_id;amount;creditor;account\nP-1;150.000;Ana;0472\nP-2;1.234,50;Luz;0473\n"
    (tmp_path / "order.json").write_text(json.dumps(ORDER), "utf-8")
    (tmp_path / "transfers.csv").write_text(transfers, "utf-8")
    out = tmp_path / "order.xml"
    result = run(
        "write-order",
        tmp_path / "order.json",
        tmp_path / "transfers.csv",
        "--out",
        out,
        "--decimal",
        ",",
        "--json",
    )
    assert json.loads(result.stdout)["control_sum"] == "151234.50", result.output
