"""What a bank's code means for a payment."""

from __future__ import annotations

from pathlib import Path

import pytest
from cash.delivery.payments.rules import PaymentState
from cash.engines.bank_messages.meaning import DEBIT_ENTRY, PAYMENT_STATUS, meaning
from cash.engines.bank_messages.reports import Direction, PaymentStatus

PAGE = Path(__file__).parents[5] / "docs/using/bank-messages.md"


def entry(status: str, direction: Direction, comes_back: bool = False) -> PaymentStatus:
    return PaymentStatus("P-1", status, None, None, None, direction, comes_back)


@pytest.mark.parametrize(("code", "state"), PAYMENT_STATUS.items())
def test_the_page_prints_the_same_table(code: str, state: PaymentState) -> None:
    line = next(line for line in PAGE.read_text("utf-8").splitlines() if f"`{code}`" in line)
    assert f"| {state} |" in line


@pytest.mark.parametrize("code", ["XXXX", None, "", "accp"])
def test_a_code_that_nobody_knows_leaves_the_payment_unknown(code: str | None) -> None:
    report = PaymentStatus("P-1", code, None, None, None)
    assert meaning("pain.002", report) is PaymentState.UNKNOWN


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (entry("BOOK", Direction.DEBIT), PaymentState.DELIVERED),
        (entry("PDNG", Direction.DEBIT), PaymentState.ACCEPTED),
        (entry("INFO", Direction.DEBIT), None),
        (entry("BOOK", Direction.CREDIT, comes_back=True), PaymentState.RETURNED),
        (entry("PDNG", Direction.CREDIT, comes_back=True), PaymentState.UNKNOWN),
        (entry("BOOK", Direction.CREDIT), PaymentState.UNKNOWN),
        (entry("BOOK", Direction.DEBIT, comes_back=True), PaymentState.UNKNOWN),
        (entry("HELD", Direction.DEBIT), PaymentState.UNKNOWN),
    ],
)
def test_an_entry_speaks_of_money_that_left_or_came_back(
    report: PaymentStatus, state: PaymentState | None
) -> None:
    assert meaning("camt.053", report) is state


def test_only_what_reached_somebody_is_delivered() -> None:
    delivered = {code for table in (PAYMENT_STATUS, DEBIT_ENTRY) for code, state in table.items()}
    assert {"ACSC", "ACCC", "BOOK"} == {
        code
        for code in delivered
        if PaymentState.DELIVERED in (PAYMENT_STATUS.get(code), DEBIT_ENTRY.get(code))
    }
