"""What a yes is bound to."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest
from cash.delivery.payment_plans.content import PaymentLine, content_hash

LINE = PaymentLine("P-1", "H-1", "C-1", "2026-11", "food", "yappy", "A-1", 1, 15000, "USD")


def test_the_hash_is_that_of_the_lines_as_documented() -> None:
    text = '["P-1","H-1","C-1","2026-11","food","yappy","A-1",1,15000,"USD"]\n'
    page = (Path(__file__).parents[5] / "docs/using/payment-plans.md").read_text("utf-8")
    assert content_hash([LINE]) == sha256(text.encode()).hexdigest()
    assert content_hash([LINE]) in page


@pytest.mark.parametrize("name", [field.name for field in fields(PaymentLine)])
def test_any_change_of_a_payment_is_another_content(name: str) -> None:
    other: object = getattr(LINE, name)
    changed = replace(LINE, **{name: other + 1 if isinstance(other, int) else f"{other}x"})  # type: ignore[arg-type]
    assert content_hash([changed]) != content_hash([LINE])


def test_what_stands_in_one_field_cannot_be_moved_to_the_next() -> None:
    moved = replace(LINE, household='H-1","C-1', collector="")
    assert content_hash([moved]) != content_hash([LINE])


def test_a_payment_more_or_less_is_another_content() -> None:
    more = [LINE, replace(LINE, payment="P-2")]
    assert len({content_hash([]), content_hash([LINE]), content_hash(more)}) == 3


@pytest.mark.parametrize("second", ["P-1", "P-0"])
def test_a_list_has_one_order_and_each_payment_once(second: str) -> None:
    with pytest.raises(ValueError, match="the order is by id"):
        content_hash([LINE, replace(LINE, payment=second)])
