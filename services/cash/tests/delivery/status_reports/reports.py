"""Files of a provider, their import, and the state of a payment afterwards."""

from __future__ import annotations

from uuid import UUID, uuid4

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


async def import_report(world, file: bytes, who=None) -> dict[str, object]:
    who = who or world.bank
    work = await world.outcome(await world.api.post("/status-reports", who, content=file), who)
    assert work["failure"] is None, work
    return (await world.api.get(work["result"], who)).json()


async def state(world, payment: str) -> str:
    return (await world.api.get(f"/payments/{payment}", world.checker)).json()["state"]
