"""A reader of bank reports: pain.002, camt.053 and camt.054 (ISO 20022) in each of their versions, as a stream."""

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

from cash.engines.bank_messages.text import MAX_IDENTIFIER
from cash.engines.bank_messages.xml_records import read_elements, root_name

Element: TypeAlias = etree._Element

_ISO_20022 = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.(\d{3}\.(\d{2}))")
REJECTED = "RJCT"
_DECIMAL = re.compile(r"\+?(\d{1,18}(\.\d{0,17})?|\.\d{1,17})", re.ASCII)


class Direction(StrEnum):
    """The direction of an entry, seen from our account."""

    DEBIT = "DBIT"
    CREDIT = "CRDT"


_DIRECTIONS: dict[str, Direction] = {direction.value: direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """A bank's report on one payment, in the bank's own codes (`statuses.py` interprets them).

    `direction`, `is_return` (a return or a reversal) and `booking` (the bank's reference of the entry) are set for an
    account entry only. `order` is the id of the order that the bank names: of its message, or of its batch in an entry.
    `fault` is a sentence where a value of the report cannot be read, which is then None.
    """

    end_to_end_id: str | None
    status: str | None
    reason: str | None
    amount: Decimal | None
    currency: str | None
    direction: Direction | None = None
    is_return: bool = False
    order: str | None = None
    booking: str | None = None
    fault: str | None = None


class StatusReportFile:
    """One file of reports. Iterate over it once to read its payments.

    `message` is for example `pain.002`, `version` is `001.12`. The other attributes are complete when the payments
    have been read. `group_status` and `group_reason` are those of a pain.002 for the whole order: those of its batches
    where they agree, unless the order itself is rejected; `original_message` is the id of that order.

    A value that cannot be read is a fault of its payment only: a statement has the payments of strangers too. Raises
    InvalidInput with the line, also during the iteration, and CommandError for another message or version.
    """

    def __init__(self, path: Path):
        self.path = path
        self.namespace, self.message, self.version = _message_type(path)
        self.group_status: str | None = None
        self.group_reason: str | None = None
        self.original_message: str | None = None

    def __iter__(self) -> Iterator[PaymentReport]:
        reader = _READERS[self.message](self.namespace)
        try:
            for event, element in read_elements(self.path, reader.starts, reader.ends):
                yield from reader.read(event, element)
                self.group_status, self.group_reason = reader.group_status, reader.group_reason
                self.original_message = reader.original_message
        except _InvalidRecord as error:
            raise InvalidInput(str(error), file=self.path, place=f"line {error.line}") from None
        if not reader.found:
            reason = f"The namespace is that of a {self.message}, but the file contains none."
            raise InvalidInput(reason, file=self.path)


def _message_type(path: Path) -> tuple[str, str, str]:
    """Return the namespace, the message and the version of a file, by its root element."""
    namespace, name = root_name(path)
    known = _ISO_20022.fullmatch(namespace)
    if known is None or name != "Document":
        reason = f"<{name}> in the namespace {namespace!r} is not a message of ISO 20022."
        raise InvalidInput(reason, file=path)
    message, version, number = known.groups()
    if message not in _READERS:
        raise CommandError(
            f"{path}: This is a {message}. The messages that can be read are {', '.join(_READERS)}."
        )
    versions = _READERS[message].versions
    if int(number) not in versions or not version.startswith("001."):
        supported = f"001.{versions[0]:02} to 001.{versions[-1]}"
        raise CommandError(
            f"{path}: {message}.{version} is not a supported version. Supported are {supported}."
        )
    return namespace, message, version


class _InvalidRecord(ValueError):
    def __init__(self, reason: str, element: Element):
        self.line = element.sourceline
        super().__init__(reason)


class _StatusReportReader:
    """A reader of pain.002: the status of an order, of its batches and of its transactions.

    A transaction without a status of its own has that of its batch, or else that of the order.
    """

    versions = range(3, 16)

    def __init__(self, namespace: str):
        self._values = _ValueReader(namespace)
        self._report, self._group, self._batch, self._record = (
            self._values.tag(name)
            for name in ("CstmrPmtStsRpt", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")
        )
        self.starts = (self._report, self._batch)
        self.ends = (self._group, self._batch, self._record)
        self.found = False
        self.group_status: str | None = None
        self.group_reason: str | None = None
        self.original_message: str | None = None
        self._order_status: tuple[str | None, str | None] = (None, None)
        self._batch_status: tuple[str | None, str | None] | None = None
        self._batch_statuses: set[str | None] = set()

    def read(self, event: str, element: Element) -> Iterator[PaymentReport]:
        match event, element.tag:
            case "start", self._report:
                self.found = True
            case "start", self._batch:
                self._batch_status = None
            case "end", self._group:
                self._order_status = self._status(element, "GrpSts")
                self.group_status, self.group_reason = self._order_status
                self.original_message = self._values.identifier(element, "OrgnlMsgId")
            case "end", self._batch:
                self._end_batch(element)
            case "end", self._record:
                yield self._transaction(element)

    def _end_batch(self, batch: Element) -> None:
        status, reason = self._batch_status or self._status(batch, "PmtInfSts")
        if len(self._batch_statuses) < 2:
            self._batch_statuses.add(status)
        if self._order_status[0] != REJECTED:
            is_agreed = status is not None and len(self._batch_statuses) == 1
            self.group_status, self.group_reason = (status, reason) if is_agreed else self._order_status

    def _transaction(self, record: Element) -> PaymentReport:
        batch = record.getparent()
        if self._batch_status is None and batch is not None:
            self._batch_status = self._status(batch, "PmtInfSts")
        levels = [
            each for each in (self._status(record, "TxSts"), self._batch_status, self._order_status) if each
        ]
        amount, currency, fault = self._values.amount(
            record, "OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/Amt/EqvtAmt/Amt", "OrgnlTxRef/IntrBkSttlmAmt"
        )
        return PaymentReport(
            end_to_end_id=self._values.identifier(record, "OrgnlEndToEndId"),
            status=next((status for status, _ in levels if status), None),
            reason=next((reason for _, reason in levels if reason), None),
            amount=amount,
            currency=currency,
            order=self.original_message,
            fault=fault,
        )

    def _status(self, element: Element, name: str) -> tuple[str | None, str | None]:
        return self._values.code(element, name), self._values.first_code(element, "StsRsnInf", "Rsn")


class _EntryReader:
    """A reader of the entries on our account, and of the payments in each entry."""

    versions = range(1, 15)
    group_status = group_reason = original_message = None
    reports: tuple[str, ...]

    def __init__(self, namespace: str):
        self._values = _ValueReader(namespace)
        self._entry, self._record = self._values.tag("Ntry"), self._values.tag("TxDtls")
        self.starts = (self._entry, *map(self._values.tag, self.reports))
        self.ends = (self._entry, self._record)
        self.found = False
        self._entry_report: PaymentReport | None = None
        self._pending: PaymentReport | None = None
        self._is_only_payment = True
        self._charges = Decimal(0)

    def read(self, event: str, element: Element) -> Iterator[PaymentReport]:
        match event, element.tag:
            case "start", self._entry:
                self._entry_report = self._pending = None
                self._is_only_payment = True
            case "start", _:
                self.found = True
            case "end", self._record:
                if self._pending is not None:
                    yield self._pending
                    self._is_only_payment = False
                self._pending = self._transaction(element)
            case "end", self._entry:
                yield self._last_of_entry(element)

    def _last_of_entry(self, entry: Element) -> PaymentReport:
        """Return the last payment of an entry. The only one has the entry's amount where it has none of its own."""
        if self._pending is None:
            return self._report(entry)
        if not self._is_only_payment or self._entry_report is None:
            return self._pending
        only, entry_report = self._pending, self._entry_report
        if only.booking is None and entry_report.booking is not None:
            only = replace(only, booking=entry_report.booking)
        if only.amount is None and entry_report.amount is not None:
            amount = entry_report.amount - self._charges
            only = replace(only, amount=amount, currency=entry_report.currency)
        return only

    def _included_charges(self, entry: Element) -> Decimal:
        """Return the charges that the entry states to be a part of its amount, debited in its currency."""
        charges = self._values.find(entry, "Chrgs")
        total = Decimal(0)
        for record in () if charges is None else charges.iterchildren(self._values.tag("Rcrd")):
            amount, currency, _ = self._values.amount(record, "Amt")
            is_included = self._values.code(record, "ChrgInclInd") in ("true", "1")
            is_debit = self._values.code(record, "CdtDbtInd") == Direction.DEBIT
            if (
                amount is not None
                and is_included
                and is_debit
                and currency == self._values.amount(entry, "Amt")[1]
            ):
                total += amount
        return total

    def _transaction(self, record: Element) -> PaymentReport:
        if self._entry_report is None:
            entry = next(record.iterancestors(self._entry), None)
            if entry is None:
                raise _InvalidRecord("There is a payment outside an entry.", record)
            self._entry_report, self._charges = self._report(entry), self._included_charges(entry)
        report = self._report(record)
        return replace(
            report,
            status=self._entry_report.status,
            direction=report.direction or self._entry_report.direction,
            is_return=report.is_return or self._entry_report.is_return,
        )

    def _report(self, element: Element) -> PaymentReport:
        direction = self._values.code(element, "CdtDbtInd") or ""
        amount, currency, fault = self._values.amount(
            element, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"
        )
        if direction and direction not in _DIRECTIONS:
            fault = f"The direction {direction!r} is neither DBIT nor CRDT."
        is_return = (
            self._values.find(element, "RtrInf") is not None
            or self._values.code(element, "RvslInd") in ("true", "1")
            or self._values.code(element, "BkTxCd/Domn/Fmly/SubFmlyCd") == "RRTN"
        )
        return PaymentReport(
            end_to_end_id=self._values.identifier(element, "Refs/EndToEndId"),
            status=self._values.code(element, "Sts"),
            reason=self._values.code(element, "RtrInf/Rsn") or self._values.code(element, "RtrInf/RtrRsn"),
            amount=amount,
            currency=currency,
            direction=_DIRECTIONS.get(direction),
            is_return=is_return,
            order=self._values.identifier(element, "Refs/PmtInfId"),
            booking=self._values.identifier(element, "Refs/AcctSvcrRef")
            or self._values.identifier(element, "AcctSvcrRef"),
            fault=fault,
        )


class _StatementReader(_EntryReader):
    """A reader of camt.053: every entry of a period."""

    reports = ("BkToCstmrStmt", "BkToCstmrStmtV01")


class _NotificationReader(_EntryReader):
    """A reader of camt.054: single debits and credits, as they happen."""

    reports = ("BkToCstmrDbtCdtNtfctn", "BkToCstmrDbtCdtNtfctnV01")


class _ValueReader:
    """Values by their path within one namespace."""

    def __init__(self, namespace: str):
        self._namespace = namespace
        self._tags = cache(lambda path: tuple(map(self.tag, path.split("/"))))
        self._parent: Element | None = None
        self._children: dict[object, Element] = {}
        self._count = 0

    def tag(self, name: str) -> str:
        """Return a name with its namespace, as lxml writes it."""
        return f"{{{self._namespace}}}{name}"

    def find(self, element: Element, path: str) -> Element | None:
        """Return the first element at the path. Many times as fast as lxml's own search.

        The children of an element are listed once, for all the values that are looked for in it.
        """
        if element is not self._parent or len(element) != self._count:
            self._parent, self._count, self._children = element, len(element), {}
            for child in element:
                self._children.setdefault(child.tag, child)
        first, *rest = self._tags(path)
        found = self._children.get(first)
        for tag in rest:
            if found is None:
                return None
            found = next(found.iterchildren(tag), None)
        return found

    def identifier(self, element: Element, path: str) -> str | None:
        """Return an identifier; None where it is absent, too long or has an invisible character: it is none of ours."""
        value = self._text(self.find(element, path))
        return value if len(value) <= MAX_IDENTIFIER and value.isprintable() and value else None

    def code(self, element: Element, path: str) -> str | None:
        """Return a code or proprietary text, without invisible characters and cut at the length of an identifier.

        In older versions the element is the code itself.
        """
        found = self.find(element, path)
        value = self._text(found[0] if found is not None and len(found) else found)
        if len(value) <= MAX_IDENTIFIER and value.isprintable():
            return value or None
        visible = "".join(letter for letter in value[: 2 * MAX_IDENTIFIER] if letter.isprintable())
        return visible.strip()[:MAX_IDENTIFIER] or None

    def first_code(self, element: Element, repeated: str, path: str) -> str | None:
        """Return the first code at a path within elements that may be repeated."""
        codes = (self.code(each, path) for each in element.iterchildren(self.tag(repeated)))
        return next((code for code in codes if code), None)

    def _text(self, found: Element | None) -> str:
        return "" if found is None else (found.text or "").strip()

    def amount(self, element: Element, *paths: str) -> tuple[Decimal | None, str | None, str | None]:
        """Return the first amount that is present, its currency, and a sentence where it cannot be read."""
        for path in paths:
            found = self.find(element, path)
            if found is not None:
                value, currency = self._text(found), found.get("Ccy", "")
                if not _DECIMAL.fullmatch(value) or not re.fullmatch("[A-Z]{3}", currency):
                    fault = f"{path} is {value[:40]!r} {currency[:10]!r}, which is not an amount."
                    return None, None, fault
                return Decimal(value), currency, None
        return None, None, None


_READERS: dict[str, type[_StatusReportReader] | type[_EntryReader]] = {
    "pain.002": _StatusReportReader,
    "camt.053": _StatementReader,
    "camt.054": _NotificationReader,
}
