"""What a bank answers: pain.002, camt.053 and camt.054 (ISO 20022) in each of their versions, as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lxml import etree
from solidary.files.command_line import CommandError, InvalidInput

from cash.engines.bank_messages.untrusted import elements, root_name

Element: TypeAlias = etree._Element

_ISO_20022 = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.(\d{3}\.(\d{2}))")
#: What ISO 20022 gives an identifier or a proprietary code.
MOST_CHARACTERS = 35
_DECIMAL = re.compile(r"\+?(\d{1,18}(\.\d{0,17})?|\.\d{1,17})", re.ASCII)


class Direction(StrEnum):
    """Of an entry, seen from our account."""

    DEBIT = "DBIT"
    CREDIT = "CRDT"


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What a bank says of one payment, in its own codes (`meaning.py` reads them).

    `direction` and `comes_back` (a return or a reversal) are those of an account entry.
    """

    end_to_end_id: str | None
    status: str | None
    reason: str | None
    amount: Decimal | None
    currency: str | None
    direction: Direction | None = None
    comes_back: bool = False


class StatusFile:
    """One file, read once by iterating over its payments.

    `message` is `pain.002`, `version` is `001.12`. The rest is complete when the payments have been read:
    `group_status` and its `group_reason`, what a pain.002 says of the whole order or, where it speaks of batches
    only, of all of them alike; `original_message`, the order that it speaks of.
    Raises InvalidInput with the line, also while iterating, and CommandError for another message or version.
    """

    def __init__(self, path: Path):
        self.path = path
        self.namespace, self.message, self.version = _announced(path)
        self.group_status: str | None = None
        self.group_reason: str | None = None
        self.original_message: str | None = None

    def __iter__(self) -> Iterator[PaymentStatus]:
        reader = _READERS[self.message](self.namespace)
        try:
            for event, element in elements(self.path, reader.starts, reader.ends):
                yield from reader.hear(event, element)
                self.group_status, self.group_reason = reader.group_status, reader.group_reason
                self.original_message = reader.original_message
        except _BadRecord as error:
            raise InvalidInput(str(error), file=self.path, place=f"line {error.line}") from None
        if not reader.found:
            raise InvalidInput(f"announces {self.message}, but holds none", file=self.path)


def _announced(path: Path) -> tuple[str, str, str]:
    namespace, name = root_name(path)
    known = _ISO_20022.fullmatch(namespace)
    if known is None or name != "Document":
        raise InvalidInput(f"<{name}> in namespace {namespace!r} is no ISO 20022 message", file=path)
    message, version, number = known.groups()
    if message not in _READERS:
        raise CommandError(f"{path}: this is {message}; what can be read is {', '.join(_READERS)}")
    versions = _READERS[message].versions
    if int(number) not in versions or not version.startswith("001."):
        known_versions = f"001.{versions[0]:02} to 001.{versions[-1]}"
        raise CommandError(f"{path}: {message}.{version} is not known; known are {known_versions}")
    return namespace, message, version


class _BadRecord(ValueError):
    def __init__(self, reason: str, at: Element):
        self.line = at.sourceline
        super().__init__(reason)


class _StatusReport:
    """pain.002: the status of an order, of its batches, of its transactions.

    A transaction without a status of its own has that of its batch, or else that of the order.
    """

    versions = range(3, 16)

    def __init__(self, namespace: str):
        self._in = _Names(namespace)
        self._report, self._group, self._batch, self._record = (
            self._in.name(name)
            for name in ("CstmrPmtStsRpt", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")
        )
        self.starts = (self._report, self._batch)
        self.ends = (self._group, self._batch, self._record)
        self.found = False
        self.group_status: str | None = None
        self.group_reason: str | None = None
        self.original_message: str | None = None
        self._order: tuple[str | None, str | None] = (None, None)
        self._batch_status: tuple[str | None, str | None] | None = None
        self._batches: set[str | None] = set()

    def hear(self, event: str, element: Element) -> Iterator[PaymentStatus]:
        match event, element.tag:
            case "start", self._report:
                self.found = True
            case "start", self._batch:
                self._batch_status = None
            case "end", self._group:
                self._order = self._status(element, "GrpSts")
                self.group_status, self.group_reason = self._order
                self.original_message = self._in.text(element, "OrgnlMsgId")
            case "end", self._batch:
                self._batch_ends(element)
            case "end", self._record:
                yield self._transaction(element)

    def _batch_ends(self, batch: Element) -> None:
        status, reason = self._batch_status or self._status(batch, "PmtInfSts")
        if self._order[0] is None and len(self._batches) < 2:
            self._batches.add(status)
            alike = len(self._batches) == 1
            self.group_status, self.group_reason = (status, reason) if alike else (None, None)

    def _transaction(self, record: Element) -> PaymentStatus:
        batch = record.getparent()
        if self._batch_status is None and batch is not None:
            self._batch_status = self._status(batch, "PmtInfSts")
        said = (self._status(record, "TxSts"), self._batch_status, self._order)
        status, reason = next((pair for pair in said if pair and pair[0]), said[0])
        amount, currency = self._in.amount(
            record, "OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/Amt/EqvtAmt/Amt", "OrgnlTxRef/IntrBkSttlmAmt"
        )
        return PaymentStatus(self._in.text(record, "OrgnlEndToEndId"), status, reason, amount, currency)

    def _status(self, element: Element, name: str) -> tuple[str | None, str | None]:
        return self._in.code(element, name), self._in.code(element, "StsRsnInf/Rsn")


class _Entries:
    """Entries on our account, and the payments of which an entry consists."""

    versions = range(1, 15)
    group_status = group_reason = original_message = None
    reports: tuple[str, ...]

    def __init__(self, namespace: str):
        self._in = _Names(namespace)
        self._entry, self._record = self._in.name("Ntry"), self._in.name("TxDtls")
        self.starts = (self._entry, *map(self._in.name, self.reports))
        self.ends = (self._entry, self._record)
        self.found = False
        self._head: PaymentStatus | None = None
        self._waiting: PaymentStatus | None = None
        self._alone = True

    def hear(self, event: str, element: Element) -> Iterator[PaymentStatus]:
        match event, element.tag:
            case "start", self._entry:
                self._head = self._waiting = None
                self._alone = True
            case "start", _:
                self.found = True
            case "end", self._record:
                if self._waiting is not None:
                    yield self._waiting
                    self._alone = False
                self._waiting = self._transaction(element)
            case "end", self._entry:
                yield self._last(element)

    def _last(self, entry: Element) -> PaymentStatus:
        """The entry's only payment has the entry's amount where it names none."""
        if self._waiting is None:
            return self._said(entry)
        if self._alone and self._waiting.amount is None and self._head is not None:
            return replace(self._waiting, amount=self._head.amount, currency=self._head.currency)
        return self._waiting

    def _transaction(self, record: Element) -> PaymentStatus:
        if self._head is None:
            entry = next(record.iterancestors(self._entry), None)
            if entry is None:
                raise _BadRecord("a payment outside an entry", record)
            self._head = self._said(entry)
        said = self._said(record)
        return replace(
            said,
            status=self._head.status,
            direction=said.direction or self._head.direction,
            comes_back=said.comes_back or self._head.comes_back,
        )

    def _said(self, element: Element) -> PaymentStatus:
        direction = self._in.text(element, "CdtDbtInd")
        if direction not in (None, *Direction):
            raise _BadRecord(f"{direction!r} is neither DBIT nor CRDT", element)
        amount, currency = self._in.amount(element, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        comes_back = (
            self._in.find(element, "RtrInf") is not None
            or self._in.text(element, "RvslInd") in ("true", "1")
            or self._in.text(element, "BkTxCd/Domn/Fmly/SubFmlyCd") == "RRTN"
        )
        return PaymentStatus(
            end_to_end_id=self._in.text(element, "Refs/EndToEndId"),
            status=self._in.code(element, "Sts"),
            reason=self._in.code(element, "RtrInf/Rsn") or self._in.code(element, "RtrInf/RtrRsn"),
            amount=amount,
            currency=currency,
            direction=Direction(direction) if direction else None,
            comes_back=comes_back,
        )


class _Statement(_Entries):
    """camt.053: all that was booked in a period."""

    reports = ("BkToCstmrStmt", "BkToCstmrStmtV01")


class _Notice(_Entries):
    """camt.054: single debits and credits, as they happen."""

    reports = ("BkToCstmrDbtCdtNtfctn", "BkToCstmrDbtCdtNtfctnV01")


class _Names:
    """Reads values by path within one namespace."""

    def __init__(self, namespace: str):
        self._namespace = namespace
        self._steps = cache(lambda path: tuple(map(self.name, path.split("/"))))

    def name(self, name: str) -> str:
        """A name with its namespace, as lxml writes it."""
        return f"{{{self._namespace}}}{name}"

    def find(self, element: Element, path: str) -> Element | None:
        """The first along the path; many times as fast as lxml's own search."""
        found: Element | None = element
        for tag in self._steps(path):
            found = next(found.iterchildren(tag), None) if found is not None else None
        return found

    def text(self, element: Element, path: str) -> str | None:
        """A code or an identifier."""
        found = self.find(element, path)
        return None if found is None else self._short(found, path)

    def code(self, element: Element, path: str) -> str | None:
        """A choice between a code and proprietary text; in older versions the code itself."""
        found = self.find(element, path)
        if found is None:
            return None
        return self._short(found[0] if len(found) else found, path)

    def _short(self, found: Element, path: str) -> str | None:
        value = (found.text or "").strip()
        if len(value) > MOST_CHARACTERS or not value.isprintable():
            raise _BadRecord(f"{path} has more than {MOST_CHARACTERS} characters, or invisible ones", found)
        return value or None

    def amount(self, element: Element, *paths: str) -> tuple[Decimal | None, str | None]:
        """The first amount that is there, with its currency."""
        for path in paths:
            found = self.find(element, path)
            if found is not None:
                value, currency = (found.text or "").strip(), found.get("Ccy", "")
                if not _DECIMAL.fullmatch(value) or not re.fullmatch("[A-Z]{3}", currency):
                    raise _BadRecord(f"{path}: {value[:40]!r} {currency[:10]!r} is no amount", element)
                return Decimal(value), currency
        return None, None


_READERS: dict[str, type[_StatusReport] | type[_Entries]] = {
    "pain.002": _StatusReport,
    "camt.053": _Statement,
    "camt.054": _Notice,
}
