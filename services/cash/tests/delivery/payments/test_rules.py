"""The states of a payment and the effect of reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from cash.delivery.payments.rules import (
    LIVE_STATES,
    PAYMENT,
    Contradiction,
    PaymentState,
    state_after_report,
)
from hypothesis import given
from hypothesis import strategies as st

S = PaymentState
states = st.sampled_from(PaymentState)


def test_page_shows_the_transitions() -> None:
    page = (Path(__file__).parents[5] / "docs/using/bank-messages.md").read_text("utf-8")
    assert PAYMENT.markdown() in page


def test_payment_is_sent_only_once() -> None:
    assert [each.source for each in PAYMENT.transitions if each.target is S.SENT] == [S.RESERVED]
    assert [each.source for each in PAYMENT.transitions if each.target is S.RESERVED] == [S.PLANNED]


@pytest.mark.parametrize(
    ("state", "reported", "after"),
    [
        (S.SENT, S.ACCEPTED, S.ACCEPTED),
        (S.SENT, S.DELIVERED, S.DELIVERED),
        (S.UNKNOWN, S.DELIVERED, S.DELIVERED),
        (S.UNKNOWN, S.SENT, S.UNKNOWN),
        (S.DELIVERED, S.ACCEPTED, S.DELIVERED),
        (S.DELIVERED, S.RETURNED, S.RETURNED),
        (S.RETURNED, S.DELIVERED, S.RETURNED),
        (S.FAILED, S.SENT, S.FAILED),
        (S.SENT, S.REJECTED, S.REJECTED),
        (S.REJECTED, S.DELIVERED, S.DELIVERED),
        (S.FAILED, S.REJECTED, S.FAILED),
    ],
)
def test_report_advances_a_payment_or_changes_nothing(
    state: PaymentState, reported: PaymentState, after: PaymentState
) -> None:
    assert state_after_report(state, reported) is after


@pytest.mark.parametrize(
    ("state", "reported"),
    [
        (S.FAILED, S.DELIVERED),
        (S.DELIVERED, S.FAILED),
        (S.PLANNED, S.DELIVERED),
        (S.RESERVED, S.SENT),
        (S.RESERVED, S.FAILED),
        (S.CANCELLED, S.DELIVERED),
        (S.DELIVERED, S.UNKNOWN),
    ],
)
def test_report_against_the_recorded_state_is_a_contradiction(
    state: PaymentState, reported: PaymentState
) -> None:
    with pytest.raises(Contradiction):
        state_after_report(state, reported)


@given(st.lists(states, max_size=12))
def test_reports_in_any_order_never_revive_a_payment(reports: list[PaymentState]) -> None:
    state, is_over = S.SENT, False
    for reported in reports:
        try:
            state = state_after_report(state, reported)
        except Contradiction:
            continue
        assert not (is_over and state in LIVE_STATES)
        is_over = is_over or state not in LIVE_STATES


@given(states, states)
def test_repeated_report_changes_nothing(state: PaymentState, reported: PaymentState) -> None:
    try:
        after = state_after_report(state, reported)
    except Contradiction:
        return
    assert state_after_report(after, reported) is after
