"""A simulated payment provider in a process of its own: `python -m demonstration.provider`.

`POST /orders` takes a pain.001.001.09 and returns a pain.002.001.12, in which every payment is accepted and its
settlement in process. `GET /orders/{message id}/notice` returns a camt.054.001.08, in which every payment is booked.
The program prints its address, and stores only the ids and amounts of an order, which the notice needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from uuid import uuid4

from lxml import etree

ISO = "urn:iso:std:iso:20022:tech:xsd:"
ORDER = {"o": f"{ISO}pain.001.001.09"}
LARGEST_ORDER = 64 * 1024 * 1024
"""The upper limit of an order, in bytes."""


@dataclass(frozen=True)
class OrderedPayment:
    """One payment of an order."""

    end_to_end_id: str
    amount: str
    currency: str


class Provider(BaseHTTPRequestHandler):
    """The handler of one request. Orders are shared by all requests, by message id."""

    orders: ClassVar[dict[str, list[OrderedPayment]]] = {}

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        if self.path != "/orders" or not 0 < size <= LARGEST_ORDER:
            return self._respond(404)
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            message_id, payments = _read(etree.fromstring(self.rfile.read(size), parser))
        except (etree.XMLSyntaxError, IndexError):
            return self._respond(400)
        if message_id in self.orders:
            return self._respond(409)
        self.orders[message_id] = payments
        return self._respond(202, _status_report(message_id, payments))

    def do_GET(self) -> None:
        _, _, message_id, *_ = f"{self.path}//".split("/")
        payments = self.orders.get(message_id)
        if payments is None or self.path != f"/orders/{message_id}/notice":
            return self._respond(404)
        return self._respond(200, _notice(payments))

    def _respond(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: orders are confidential."""


def _read(order: etree._Element) -> tuple[str, list[OrderedPayment]]:
    (message_id,) = order.xpath("//o:GrpHdr/o:MsgId/text()", namespaces=ORDER)[:1]
    payments = []
    for transfer in order.iterfind(".//o:CdtTrfTxInf", ORDER):
        amount = transfer.find("o:Amt/o:InstdAmt", ORDER)
        name = transfer.findtext("o:PmtId/o:EndToEndId", namespaces=ORDER)
        assert amount is not None
        payments.append(OrderedPayment(name or "", amount.text or "", amount.get("Ccy", "")))
    return message_id, payments


def _status_report(message_id: str, payments: list[OrderedPayment]) -> bytes:
    transactions = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{payment.end_to_end_id}</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>"
        for payment in payments
    )
    return _document(
        "pain.002.001.12",
        f"<CstmrPmtStsRpt>{_header()}<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACSP</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message_id}</OrgnlPmtInfId>{transactions}</OrgnlPmtInfAndSts>"
        f"</CstmrPmtStsRpt>",
    )


def _notice(payments: list[OrderedPayment]) -> bytes:
    entries = "".join(
        f'<Ntry><Amt Ccy="{payment.currency}">{payment.amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BkTxCd><Prtry><Cd>CASH</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>{payment.end_to_end_id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
        for payment in payments
    )
    return _document(
        "camt.054.001.08",
        f"<BkToCstmrDbtCdtNtfctn>{_header()}<Ntfctn><Id>{uuid4().hex}</Id>"
        f"<Acct><Id><Othr><Id>DEMONSTRATION</Id></Othr></Id></Acct>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn>",
    )


def _header() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"<GrpHdr><MsgId>{uuid4().hex}</MsgId><CreDtTm>{now}</CreDtTm></GrpHdr>"


def _document(message: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{ISO}{message}">{body}</Document>'.encode()
    )


def main() -> None:
    """Serve on a free port until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
