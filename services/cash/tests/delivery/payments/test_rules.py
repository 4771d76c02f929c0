"""The states of a payment."""

from __future__ import annotations

import pytest
from cash.delivery.payments.rules import ARROWS, LIVE, Contradiction, PaymentState, follow
from hypothesis import given
from hypothesis import strategies as st

S = PaymentState
states = st.sampled_from(PaymentState)


def test_every_state_has_its_arrows() -> None:
    assert set(ARROWS) == set(PaymentState)


def test_nothing_leads_back_to_sending() -> None:
    assert [state for state, after in ARROWS.items() if S.SENT in after] == [S.RESERVED]
    assert [state for state, after in ARROWS.items() if S.RESERVED in after] == [S.PLANNED]


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
    ],
)
def test_a_report_moves_a_payment_forward_or_not_at_all(
    state: PaymentState, reported: PaymentState, after: PaymentState
) -> None:
    assert follow(state, reported) is after


@pytest.mark.parametrize(
    ("state", "reported"),
    [
        (S.FAILED, S.DELIVERED),
        (S.DELIVERED, S.FAILED),
        (S.EXPIRED, S.DELIVERED),
        (S.PLANNED, S.DELIVERED),
        (S.CANCELLED, S.DELIVERED),
        (S.DELIVERED, S.UNKNOWN),
    ],
)
def test_a_report_that_contradicts_what_is_settled_needs_a_person(
    state: PaymentState, reported: PaymentState
) -> None:
    with pytest.raises(Contradiction):
        follow(state, reported)


@given(st.lists(states, max_size=12))
def test_reports_in_any_order_never_make_a_payment_live_again(reports: list[PaymentState]) -> None:
    state, over = S.SENT, False
    for reported in reports:
        try:
            state = follow(state, reported)
        except Contradiction:
            continue
        assert not (over and state in LIVE)
        over = over or state not in LIVE


@given(states, states)
def test_the_same_report_twice_is_the_same_as_once(state: PaymentState, reported: PaymentState) -> None:
    try:
        after = follow(state, reported)
    except Contradiction:
        return
    assert follow(after, reported) is after
