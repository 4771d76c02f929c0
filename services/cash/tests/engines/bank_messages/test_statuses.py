"""The status of a payment that a bank's code stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from cash.engines.bank_messages.reports import Direction, PaymentReport
from cash.engines.bank_messages.statuses import (
    DEBIT_ENTRY_CODES,
    PAYMENT_STATUS_CODES,
    ReportedStatus,
    reported_status,
)

PAGE = Path(__file__).parents[5] / "docs/using/bank-messages.md"


def entry(status: str, direction: Direction, is_return: bool = False) -> PaymentReport:
    return PaymentReport("P-1", status, None, None, None, direction, is_return)


@pytest.mark.parametrize(("code", "state"), PAYMENT_STATUS_CODES.items())
def test_the_page_prints_the_same_table(code: str, state: ReportedStatus) -> None:
    line = next(line for line in PAGE.read_text("utf-8").splitlines() if f"`{code}`" in line)
    assert f"| {state} |" in line


@pytest.mark.parametrize("code", ["XXXX", None, "", "accp"])
def test_unknown_code_leaves_the_payment_unknown(code: str | None) -> None:
    report = PaymentReport("P-1", code, None, None, None)
    assert reported_status("pain.002", report) is ReportedStatus.UNKNOWN


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (entry("BOOK", Direction.DEBIT), ReportedStatus.DELIVERED),
        (entry("PDNG", Direction.DEBIT), ReportedStatus.ACCEPTED),
        (entry("INFO", Direction.DEBIT), None),
        (entry("BOOK", Direction.CREDIT, is_return=True), ReportedStatus.RETURNED),
        (entry("PDNG", Direction.CREDIT, is_return=True), ReportedStatus.UNKNOWN),
        (entry("BOOK", Direction.CREDIT), ReportedStatus.UNKNOWN),
        (entry("BOOK", Direction.DEBIT, is_return=True), ReportedStatus.UNKNOWN),
        (entry("HELD", Direction.DEBIT), ReportedStatus.UNKNOWN),
    ],
)
def test_entry_reports_a_debit_or_a_return(report: PaymentReport, state: ReportedStatus | None) -> None:
    assert reported_status("camt.053", report) is state


def test_only_completed_settlements_and_booked_debits_are_delivered() -> None:
    delivered = {code for table in (PAYMENT_STATUS_CODES, DEBIT_ENTRY_CODES) for code, state in table.items()}
    assert {"ACSC", "ACCC", "BOOK"} == {
        code
        for code in delivered
        if ReportedStatus.DELIVERED in (PAYMENT_STATUS_CODES.get(code), DEBIT_ENTRY_CODES.get(code))
    }
