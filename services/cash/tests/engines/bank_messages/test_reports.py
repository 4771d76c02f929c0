"""Reports of banks, in every version that has an official schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from cash.engines.bank_messages.reports import Direction, PaymentReport, StatusReportFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from solidary.files.command_line import CommandError, InvalidInput

Reported = tuple[str, str, str, str]
"""end-to-end id, status, reason, amount (USD)"""


def document(message: str, body: str) -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:{message}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space}">{body}</Document>'.encode()


def pain002(version: int, reported: Sequence[Reported], group: str = "PART", batch: str = "PART") -> bytes:
    records = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="USD">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for name, status, reason, amount in reported
    )
    body = (
        "<CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-22T09:30:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{f'<GrpSts>{group}</GrpSts>' if group else ''}</OrgnlGrpInfAndSts>"
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>M1</OrgnlPmtInfId>"
        f"{f'<PmtInfSts>{batch}</PmtInfSts>' if batch else ''}{records}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>"
    )
    return document(f"pain.002.001.{version:02}", body)


def transaction(name: str, reason: str, amount: str, version: int) -> str:
    """Since version 3 a payment within an entry has its amount; before, only in its details."""
    dollars = f'<Amt Ccy="USD">{amount}</Amt>'
    own = f"{dollars}<CdtDbtInd>DBIT</CdtDbtInd>" if version >= 3 else ""
    details = f"<AmtDtls><TxAmt>{dollars}</TxAmt></AmtDtls>" if version < 3 else ""
    tag = "RtrRsn" if version == 1 else "Rsn"
    returned = f"<RtrInf><{tag}><Cd>{reason}</Cd></{tag}></RtrInf>" if reason else ""
    refs = f"<Refs><EndToEndId>{name}</EndToEndId></Refs>"
    return f"<TxDtls>{refs}{own}{details}{returned}</TxDtls>"


def camt(message: str, version: int, entries: str) -> bytes:
    root, report = {
        "camt.053": ("BkToCstmrStmt", "Stmt"),
        "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[message]
    root += "V01" if version == 1 else ""
    account = "<Acct><Id><Othr><Id>03-01</Id></Othr></Id></Acct>"
    if version == 1:
        account = "<Acct><Id><PrtryAcct><Id>03-01</Id></PrtryAcct></Id></Acct>"
    balance = (
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>"
        '<Amt Ccy="USD">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>'
    )
    if version == 1:
        balance = balance.replace("<CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry>", "<Cd>CLBD</Cd>")
    return document(
        f"{message}.001.{version:02}",
        f"<{root}><GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-22T09:30:00</CreDtTm></GrpHdr><{report}>"
        f"<Id>S1</Id><CreDtTm>2026-11-22T09:30:00</CreDtTm>{account}"
        f"{balance if report == 'Stmt' else ''}{entries}</{report}></{root}>",
    )


def entry(version: int, transactions: str, amount: str = "234", status: str = "BOOK", more: str = "") -> str:
    details = f"<NtryDtls>{transactions}</NtryDtls>" if transactions and version > 1 else transactions
    reported = f"<Cd>{status}</Cd>" if version > 6 else status
    code = "<Prtry><Cd>X</Cd></Prtry>"
    return (
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>{more}<Sts>{reported}</Sts>'
        f"<BkTxCd>{code}</BkTxCd>{details}</Ntry>"
    )


def read(folder: Path, content: bytes) -> tuple[StatusReportFile, list[PaymentReport]]:
    path = folder / "answer.xml"
    path.write_bytes(content)
    file = StatusReportFile(path)
    return file, list(file)


def short(payments: list[PaymentReport]) -> list[tuple[str | None, ...]]:
    return [
        (one.end_to_end_id, one.status, one.reason, None if one.amount is None else str(one.amount))
        for one in payments
    ]


Schema = Callable[[str], etree.XMLSchema]


@pytest.mark.parametrize("version", [3, 12, 14, 15])
def test_status_report_is_read_in_every_version(tmp_path: Path, schema: Schema, version: int) -> None:
    reported = [("P-1", "ACSC", "G000", "45.50"), ("P-2", "RJCT", "AC04", "60")]
    if version == 3:
        reported[0] = ("P-1", "ACSP", "G000", "45.50")
    content = pain002(version, reported)
    schema(f"pain.002.001.{version:02}").assertValid(etree.fromstring(content))
    file, payments = read(tmp_path, content)
    assert (file.message, file.version, file.group_status) == ("pain.002", f"001.{version:02}", "PART")
    assert short(payments) == reported
    assert {payment.currency for payment in payments} == {"USD"}


@pytest.mark.parametrize(("message", "version"), [*product(["camt.053", "camt.054"], range(1, 15))])
def test_entries_are_read_in_every_version(
    tmp_path: Path, schema: Schema, message: str, version: int
) -> None:
    both = transaction("P-1", "", "150.00", version) + transaction("P-2", "AC04", "84", version)
    content = camt(message, version, entry(version, both) + entry(version, "", "7.5"))
    schema(f"{message}.001.{version:02}").assertValid(etree.fromstring(content))
    file, payments = read(tmp_path, content)
    assert (file.message, file.version, file.group_status) == (message, f"001.{version:02}", None)
    assert short(payments) == [
        ("P-1", "BOOK", None, "150.00"),
        ("P-2", "BOOK", "AC04", "84"),
        (None, "BOOK", None, "7.5"),
    ]
    assert [payment.is_return for payment in payments] == [False, True, False]
    assert {payment.direction for payment in payments} == {Direction.DEBIT}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z0-9]{1,35}", fullmatch=True),
            st.sampled_from(["ACCP", "ACSC", "RJCT", "PDNG"]),
            st.from_regex(r"[A-Z]{2}[0-9]{2}", fullmatch=True),
            st.decimals(0, 10**12, places=2).map(str),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_reported_payment_is_read(tmp_path: Path, reported: list[Reported]) -> None:
    assert short(read(tmp_path, pain002(12, reported))[1]) == reported


def test_payment_without_a_status_has_that_of_its_batch_or_order(tmp_path: Path) -> None:
    silent = pain002(12, [("P-1", "X", "X", "1")]).replace(b"<TxSts>X</TxSts>", b"")
    content = silent.replace(b"<Rsn><Cd>X</Cd></Rsn>", b"")
    assert read(tmp_path, content)[1][0].status == "PART"
    rejected = content.replace(b"<PmtInfSts>PART</PmtInfSts>", b"<PmtInfSts>RJCT</PmtInfSts>")
    assert read(tmp_path, rejected)[1][0].status == "RJCT"


def test_group_status_is_that_of_all_batches_where_the_order_has_none(tmp_path: Path) -> None:
    content = pain002(12, [], group="", batch="RJCT")
    assert read(tmp_path, content)[0].group_status == "RJCT"
    start, end = content.index(b"<OrgnlPmtInfAndSts>"), content.index(b"</CstmrPmtStsRpt>")
    another = content[start:end].replace(b"RJCT", b"ACCP")
    assert read(tmp_path, content[:end] + another + content[end:])[0].group_status is None


def test_only_payment_of_an_entry_has_its_amount(tmp_path: Path) -> None:
    one = "<TxDtls><Refs><EndToEndId>P-1</EndToEndId></Refs></TxDtls>"
    content = camt("camt.053", 2, entry(2, one, "45.50") + entry(2, one + one, "91"))
    amounts = [payment.amount for payment in read(tmp_path, content)[1]]
    assert amounts == [Decimal("45.50"), None, None]


@pytest.mark.parametrize(
    ("record", "amount"),
    [
        ("<CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd>", "84.00"),
        ("<CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>false</ChrgInclInd>", "86.00"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd>", "86.00"),
    ],
)
def test_charges_that_an_entry_includes_are_not_its_only_payments(
    tmp_path: Path, record: str, amount: str
) -> None:
    charges = f'<Chrgs><Rcrd><Amt Ccy="USD">2.00</Amt>{record}</Rcrd></Chrgs>'
    one = "<TxDtls><Refs><EndToEndId>P-1</EndToEndId></Refs></TxDtls>"
    whole = entry(8, one, "86.00").replace("<NtryDtls>", f"{charges}<NtryDtls>")
    [payment] = read(tmp_path, camt("camt.053", 8, whole))[1]
    assert payment.amount == Decimal(amount)


@pytest.mark.parametrize(
    "sign", ["<RvslInd>true</RvslInd>", "<RvslInd>1</RvslInd>", ("RRTN",), "<RvslInd>false</RvslInd>"]
)
def test_return_is_recognised(tmp_path: Path, sign: str | tuple[str]) -> None:
    content = entry(8, "", more=sign if isinstance(sign, str) else "").replace("DBIT", "CRDT")
    if isinstance(sign, tuple):
        family = "<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn>"
        content = content.replace("<Prtry><Cd>X</Cd></Prtry>", family)
    payment = read(tmp_path, camt("camt.054", 8, content))[1][0]
    assert payment.is_return is ("false" not in sign)
    assert payment.direction is Direction.CREDIT


def test_prefix_on_every_element_changes_nothing(tmp_path: Path) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")])
    prefixed = content.replace(b"<", b"<n:").replace(b"<n:/", b"</n:").replace(b"<n:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:n=")
    assert short(read(tmp_path, prefixed)[1]) == [("P-1", "RJCT", "AC04", "60")]


@pytest.mark.parametrize(
    ("namespace", "refusal", "reason"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:pain.001.001.09", CommandError, "This is a pain.001"),
        ("urn:iso:std:iso:20022:tech:xsd:camt.052.001.08", CommandError, "This is a camt.052"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.001.99", CommandError, "Supported are 001.03 to 001.15"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.001.02", CommandError, "Supported are 001.03 to 001.15"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.002.03", CommandError, "is not a supported version"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.001.12 ", InvalidInput, "not a message of ISO 20022"),
        ("http://example.org/pain.002.001.12", InvalidInput, "not a message of ISO 20022"),
        ("", InvalidInput, "not a message of ISO 20022"),
    ],
)
def test_unsupported_namespace_is_refused(
    tmp_path: Path, namespace: str, refusal: type[Exception], reason: str
) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")])
    with pytest.raises(refusal, match=reason):
        read(tmp_path, content.replace(b"urn:iso:std:iso:20022:tech:xsd:pain.002.001.12", namespace.encode()))


def test_message_under_the_wrong_namespace_is_refused(tmp_path: Path) -> None:
    statement = camt("camt.053", 8, entry(8, ""))
    with pytest.raises(InvalidInput, match=r"that of a camt\.054, but the file contains none"):
        read(tmp_path, statement.replace(b"camt.053", b"camt.054"))
    with pytest.raises(InvalidInput, match=r"that of a pain\.002, but the file contains none"):
        read(tmp_path, statement.replace(b"camt.053.001.08", b"pain.002.001.12"))


@pytest.mark.parametrize("namespace", ["urn:other", "", "urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"])
@pytest.mark.parametrize("name", ["OrgnlPmtInfAndSts", "TxInfAndSts", "TxSts", "OrgnlEndToEndId", "InstdAmt"])
def test_element_in_another_namespace_is_refused(tmp_path: Path, namespace: str, name: str) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")], group="ACSC")
    hidden = content.replace(f"<{name}".encode(), f'<{name} xmlns="{namespace}"'.encode())
    with pytest.raises(InvalidInput, match=f"line 2: <{name}> is in the namespace '{namespace}', not"):
        read(tmp_path, hidden)


@pytest.mark.parametrize("name", ["Ntry", "TxDtls", "Sts"])
def test_entry_in_another_namespace_is_refused(tmp_path: Path, name: str) -> None:
    content = camt("camt.054", 8, entry(8, transaction("P-1", "", "60", 8)) + entry(8, ""))
    with pytest.raises(InvalidInput, match=f"<{name}> is in the namespace 'urn:other'"):
        read(tmp_path, content.replace(f"<{name}>".encode(), f'<{name} xmlns="urn:other">'.encode(), 1))


@pytest.mark.parametrize(
    "held", [b'<TxInfAndSts xmlns="urn:other"/>', b"<TxInfAndSts/>", b'<a xmlns="urn:b"/>']
)
def test_content_of_an_envelope_is_not_a_payment_of_the_message(
    tmp_path: Path, schema: Schema, held: bytes
) -> None:
    more = b"<SplmtryData><Envlp>" + held + b"</Envlp></SplmtryData></TxInfAndSts>"
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")]).replace(b"</TxInfAndSts>", more)
    if b"xmlns" in held:
        schema("pain.002.001.12").assertValid(etree.fromstring(content))
    assert short(read(tmp_path, content)[1]) == [("P-1", "RJCT", "AC04", "60")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ("60</InstdAmt>", "6O</InstdAmt>"),
            "OrgnlTxRef/Amt/InstdAmt is '6O' 'USD', which is not an amount.",
        ),
        (("60</InstdAmt>", "-60</InstdAmt>"), "is not an amount"),
        (("60</InstdAmt>", "NaN</InstdAmt>"), "is not an amount"),
        (("60</InstdAmt>", "1" * 40 + "</InstdAmt>"), "is not an amount"),
        ((' Ccy="USD"', ""), "is not an amount"),
    ],
)
def test_invalid_amount_is_a_fault_of_its_payment_only(
    tmp_path: Path, change: tuple[str, str], fault: str
) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")]).decode().replace(*change)
    (payment,) = read(tmp_path, content.encode())[1]
    assert (payment.end_to_end_id, payment.amount) == ("P-1", None)
    assert fault in (payment.fault or "")


@pytest.mark.parametrize("reference", ["P" * 36, "P\u009b1", "P\u00a01", "\u200b"])
def test_reference_that_is_too_long_or_invisible_is_none_of_ours(tmp_path: Path, reference: str) -> None:
    stranger = camt(
        "camt.053", 8, entry(8, transaction(reference, "", "1", 8)) + entry(8, transaction("P-1", "", "2", 8))
    )
    assert [each.end_to_end_id for each in read(tmp_path, stranger)[1]] == [None, "P-1"]


def test_free_text_of_a_bank_is_cut_and_has_no_invisible_character(tmp_path: Path) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC\u200b04" + "X" * 90, "60")])
    assert read(tmp_path, content)[1][0].reason == "AC04" + "X" * 31


def test_entry_that_is_neither_debit_nor_credit_is_a_fault(tmp_path: Path) -> None:
    (payment,) = read(tmp_path, camt("camt.053", 8, entry(8, "")).replace(b"DBIT", b"BOTH"))[1]
    assert payment.direction is None
    assert payment.fault == "The direction 'BOTH' is neither DBIT nor CRDT."


@pytest.mark.parametrize("level", ["second", "batch", "order"])
def test_reason_is_read_at_every_level(tmp_path: Path, level: str) -> None:
    content = pain002(12, [("P-1", "RJCT", "AC04", "60")], group="RJCT", batch="RJCT").decode()
    reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
    text_only = "<StsRsnInf><AddtlInf>Cuenta cerrada</AddtlInf></StsRsnInf>"
    status = {"second": "", "batch": "</PmtInfSts>", "order": "</GrpSts>"}[level]
    if status:
        content = content.replace(reason, text_only).replace(status, status + text_only + reason)
    else:
        content = content.replace(reason, text_only + reason)
    assert read(tmp_path, content.encode())[1][0].reason == "AC04"


def test_rejection_of_the_order_or_of_its_only_batch_is_that_of_all_payments(tmp_path: Path) -> None:
    one = [("P-1", "RJCT", "AC04", "60")]
    assert read(tmp_path, pain002(12, one, group="RJCT", batch=""))[0].group_status == "RJCT"
    assert read(tmp_path, pain002(12, one, group="PART", batch="RJCT"))[0].group_status == "RJCT"
    assert read(tmp_path, pain002(12, one, group="RJCT", batch="PART"))[0].group_status == "RJCT"


def test_order_and_booking_that_the_bank_names_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, pain002(12, [("P-1", "RJCT", "AC04", "60")]))[1][0].order == "M1"
    names = "<AcctSvcrRef>B-1</AcctSvcrRef><PmtInfId>M1</PmtInfId><EndToEndId>"
    own = transaction("P-1", "", "60", 8).replace("<EndToEndId>", names)
    (payment,) = read(tmp_path, camt("camt.054", 8, entry(8, own)))[1]
    assert (payment.order, payment.booking) == ("M1", "B-1")
    of_entry = entry(8, transaction("P-1", "", "60", 8), more="").replace(
        "<BkTxCd>", "<AcctSvcrRef>B-2</AcctSvcrRef><BkTxCd>"
    )
    assert read(tmp_path, camt("camt.054", 8, of_entry))[1][0].booking == "B-2"
