"""The SHA-256 of a plan's payments."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest
from cash.delivery.payments.content import PaymentLine, content_hash

PAYMENT = PaymentLine("P-1", "H-1", "C-1", "2026-11", "food", "yappy", "A-1", 1, 15000, "USD")


def test_hash_is_that_of_the_documented_lines() -> None:
    text = '["P-1","H-1","C-1","2026-11","food","yappy","A-1",1,15000,"USD"]\n'
    page = (Path(__file__).parents[5] / "docs/using/payment-plans.md").read_text("utf-8")
    assert content_hash([PAYMENT]) == sha256(text.encode()).hexdigest()
    assert content_hash([PAYMENT]) in page


@pytest.mark.parametrize("name", [field.name for field in fields(PaymentLine)])
def test_any_change_of_a_payment_changes_the_hash(name: str) -> None:
    other: object = getattr(PAYMENT, name)
    changed = replace(PAYMENT, **{name: other + 1 if isinstance(other, int) else f"{other}x"})  # type: ignore[arg-type]
    assert content_hash([changed]) != content_hash([PAYMENT])


def test_text_cannot_be_shifted_from_one_field_to_the_next() -> None:
    shifted = replace(PAYMENT, household='H-1","C-1', collector="")
    assert content_hash([shifted]) != content_hash([PAYMENT])


def test_one_payment_more_or_less_changes_the_hash() -> None:
    two = [PAYMENT, replace(PAYMENT, payment="P-2")]
    assert len({content_hash([]), content_hash([PAYMENT]), content_hash(two)}) == 3


@pytest.mark.parametrize("second", ["P-1", "P-0"])
def test_payments_out_of_order_or_repeated_are_refused(second: str) -> None:
    with pytest.raises(ValueError, match="ordered by id"):
        content_hash([PAYMENT, replace(PAYMENT, payment=second)])
