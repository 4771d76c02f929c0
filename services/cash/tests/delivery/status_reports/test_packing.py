"""Packing of reports: nothing of the reports on payments that may be ours is lost."""

from __future__ import annotations

import tracemalloc
from uuid import uuid4

import pytest
from cash.delivery.status_reports.packing import pack, payment_id, unpack
from cash.engines.bank_messages.reports import StatusReportFile

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"


def entry(id_: str, amount: str = "250.00", name: str = "Yolanda") -> str:
    return (
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls>'
        f"<Refs><AcctSvcrRef>B-{id_[:8]}</AcctSvcrRef><EndToEndId>{id_}</EndToEndId></Refs>"
        f"<RltdPties><Cdtr><Nm>{name}</Nm></Cdtr></RltdPties></TxDtls></NtryDtls></Ntry>"
    )


def notices(*entries: str) -> str:
    return (
        f'<Document xmlns="{CAMT}"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId></GrpHdr><Ntfctn>'
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )


def rejected_order(*ids: str) -> str:
    records = "".join(f"<TxInfAndSts><OrgnlEndToEndId>{id_}</OrgnlEndToEndId></TxInfAndSts>" for id_ in ids)
    return (
        f'<Document xmlns="{PAIN}"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>ORDER</OrgnlMsgId>'
        f"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>ORDER</OrgnlPmtInfId>{records}</OrgnlPmtInfAndSts>"
        f"</CstmrPmtStsRpt></Document>"
    )


@pytest.mark.parametrize(
    "content",
    [
        notices(entry(uuid4().hex), entry("OF-A-STRANGER"), entry(uuid4().hex, "not-an-amount")),
        rejected_order(uuid4().hex, "OF-A-STRANGER"),
    ],
)
def test_reports_come_out_as_they_were_read(tmp_path, content):
    file = tmp_path / "report.xml"
    file.write_text(content, "utf-8")
    source = StatusReportFile(file)
    read = list(source)
    own = [report for report in read if payment_id(report) is not None]
    record, body = pack(file)
    assert list(unpack(body)) == own
    assert (record.count, record.strangers) == (len(own), len(read) - len(own))
    assert (record.message, record.message_version) == (source.message, source.version)
    assert (record.original_message, record.group_status, record.group_reason) == (
        source.original_message,
        source.group_status,
        source.group_reason,
    )


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(count: int) -> int:
        file = tmp_path / f"{count}.xml"
        file.write_text(notices(*(entry(uuid4().hex) for _ in range(count))), "utf-8")
        tracemalloc.start()
        try:
            record, body = pack(file)
            assert record.count == sum(1 for _ in unpack(body)) == count
            return tracemalloc.get_traced_memory()[1] - len(body)
        finally:
            tracemalloc.stop()

    assert peak(16_000) < 4 * peak(1_000)
