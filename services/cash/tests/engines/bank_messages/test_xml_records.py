"""Malicious files and damaged files."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from cash.engines.bank_messages.reports import PaymentReport, StatusReportFile
from cash.engines.bank_messages.xml_records import MAX_BYTES_BETWEEN_RECORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solidary.files.command_line import CommandError, InvalidInput

SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
RECORD = (
    "<TxInfAndSts><OrgnlEndToEndId>P-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
    "<StsRsnInf><Rsn><Prtry>{reason}</Prtry></Rsn></StsRsnInf></TxInfAndSts>"
)
HEAD = f'<Document xmlns="{SPACE}"><CstmrPmtStsRpt><OrgnlPmtInfAndSts>'
TAIL = "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"


def answer(reason: str = "AC04", prolog: str = "", records: str = "") -> str:
    return prolog + HEAD + records + RECORD.format(reason=reason) + TAIL


def read(folder: Path, content: str | bytes, encoding: str = "utf-8") -> list[PaymentReport]:
    path = folder / "answer.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return list(StatusReportFile(path))


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("prolog", "reason"),
    [
        (f'<!DOCTYPE Document [<!ENTITY e0 "ha">{BOMB}]>', "&e11;"),
        (f'<!DOCTYPE Document [<!ENTITY e0 "{"a" * 10_000}">]>', "&e0;" * 10_000),
        ('<!DOCTYPE Document [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"),
        ('<!DOCTYPE Document [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>', "&e;"),
        ('<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>', "AC04"),
        ('<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">', "AC04"),
        ('<!DOCTYPE Document PUBLIC "-//X" "file:///etc/passwd">', "AC04"),
        ("<!DOCTYPE Document>", "AC04"),
        ('<!DOCTYPE Document [<!ATTLIST Document xmlns CDATA "urn:other">]>', "AC04"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_document_type_is_refused(tmp_path: Path, prolog: str, reason: str, encoding: str) -> None:
    with pytest.raises(InvalidInput, match=r"line 1: A document type declaration \(DTD\) is not accepted"):
        read(tmp_path, answer(reason, prolog), encoding)


def test_undeclared_entity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 1: The XML is not valid: Entity 'e' not defined"):
        read(tmp_path, answer("&e;"))


def test_inclusion_is_refused_and_not_followed(tmp_path: Path) -> None:
    include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    with pytest.raises(InvalidInput, match="line 1: <include> is in the namespace"):
        read(tmp_path, answer(include))


@pytest.mark.parametrize(
    ("encoding", "prolog"),
    [
        ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-8-sig", ""),
        ("utf-8", ""),
    ],
)
def test_file_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str, prolog: str) -> None:
    assert read(tmp_path, answer("Devolución", prolog), encoding)[0].reason == "Devolución"


@pytest.mark.parametrize("prolog", ["", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_undeclared_latin_1_is_refused_with_its_line(tmp_path: Path, prolog: str) -> None:
    with pytest.raises(InvalidInput, match=r"answer\.xml: line 2"):
        read(
            tmp_path,
            answer("Devolución", prolog).replace("<CstmrPmtStsRpt>", "\n<CstmrPmtStsRpt>"),
            "latin-1",
        )


@pytest.mark.parametrize("encoding", ["klingon", "UTF-7", "utf-32"])
def test_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(InvalidInput, match="The encoding"):
        read(tmp_path, answer("AC04", f'<?xml version="1.0" encoding="{encoding}"?>'))


def test_truncated_file_is_refused_at_every_length(tmp_path: Path) -> None:
    whole = answer(prolog='<?xml version="1.0" encoding="UTF-8"?>\n')
    for cut in range(len(whole)):
        with pytest.raises(InvalidInput):
            read(tmp_path, whole[:cut])


@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"\x00" * 100, b"PK\x03\x04", b"hello", b"<a", b"{}", b"\xff\xfe", b"<a/>", b"<!-- -->"],
)
def test_file_that_is_not_xml_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"answer\.xml"):
        read(tmp_path, content)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        StatusReportFile(tmp_path / "nothing.xml")
    with pytest.raises(InvalidInput, match="Is a directory"):
        StatusReportFile(tmp_path)


@pytest.mark.parametrize(
    "flood",
    [
        "<x/>" * MAX_BYTES_BETWEEN_RECORDS,
        "<x>" * 500_000,
        "x" * (64 * MAX_BYTES_BETWEEN_RECORDS),
        f'<x y="{"z" * 64 * MAX_BYTES_BETWEEN_RECORDS}"/>',
        f"<!--{'-x' * 32 * MAX_BYTES_BETWEEN_RECORDS}-->",
        "<TxInfAndSts>" + "<x/>" * MAX_BYTES_BETWEEN_RECORDS,
    ],
    ids=["siblings", "depth", "text", "attribute", "comment", "within a payment"],
)
def test_file_that_uses_up_memory_is_refused(tmp_path: Path, flood: str, baseline: int) -> None:
    content = answer(records=flood)
    path = tmp_path / "answer.xml"
    path.write_text(content, "utf-8")
    assert _peak_memory(path) < baseline + 50 * 2**20


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The memory of a process that refuses a small file."""
    path = tmp_path_factory.mktemp("small") / "answer.xml"
    path.write_text(answer()[:-20], "utf-8")
    return _peak_memory(path)


READ_AND_REFUSE = """
import sys
from pathlib import Path
from cash.engines.bank_messages.reports import StatusReportFile
from solidary.files.command_line import InvalidInput
try:
    list(StatusReportFile(Path(sys.argv[1])))
except InvalidInput:
    print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def _peak_memory(path: Path) -> int:
    """Return the peak memory, in bytes, of a process that reads and refuses the file; with libxml2's."""
    refused = subprocess.run(
        [sys.executable, "-c", READ_AND_REFUSE, path], capture_output=True, text=True, check=True
    )
    return int(refused.stdout) * 1024


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 323), st.binary(max_size=6)), min_size=1, max_size=4))
def test_file_with_damaged_bytes_is_read_or_refused(tmp_path: Path, damages: list[tuple[int, bytes]]) -> None:
    content = answer(prolog='<?xml version="1.0" encoding="UTF-8"?>\n').encode()
    for at, damage in damages:
        content = content[:at] + damage + content[at + 1 :]
    with suppress(InvalidInput, CommandError):
        assert len(read(tmp_path, content)) <= 1


def test_long_white_space_before_the_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read(tmp_path, answer(prolog=" " * (2 * MAX_BYTES_BETWEEN_RECORDS)))


def test_long_file_of_many_payments_is_read(tmp_path: Path) -> None:
    records = RECORD.format(reason="AC04") * 20_000
    assert len(records) > 2 * MAX_BYTES_BETWEEN_RECORDS
    assert len(read(tmp_path, answer(records=records))) == 20_001
