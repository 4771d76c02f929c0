"""Tests of ballot cards, and of numbers counted by hand."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning.participation.polling.rules import CardCounts, differences, number_of_card, print_card

SECRET, PLAN = b"a secret", UUID(int=7)
CARD = print_card(SECRET, PLAN, 1, 17)


@pytest.mark.parametrize(
    "typed",
    [
        f"  {CARD.lower()} ",
        CARD.replace("-", "\u2013"),
        CARD.replace("-", "\u2212"),
        CARD.replace("-", " - "),
        CARD.replace("-", ""),
        CARD.replace("17-", "\uff11\uff17\uff0d"),
    ],
)
def test_a_card_is_recognised_as_people_type_it(typed):
    assert number_of_card(SECRET, PLAN, 1, typed) == 17


@pytest.mark.parametrize(
    ("secret", "plan", "round_", "card"),
    [
        (b"another", PLAN, 1, CARD),
        (SECRET, uuid4(), 1, CARD),
        (SECRET, PLAN, 2, CARD),
        (SECRET, PLAN, 1, CARD.replace("17-", "18-")),
        (SECRET, PLAN, 1, CARD.replace("17-", "017-")),
        (SECRET, PLAN, 1, CARD[:-1]),
    ],
)
def test_a_card_of_another_plan_round_or_number_is_not_recognised(secret, plan, round_, card):
    assert number_of_card(secret, plan, round_, card) is None


@given(st.text(max_size=40))
def test_any_text_is_handled(card):
    assert number_of_card(SECRET, PLAN, 1, card) in (None, 17)


def test_numbers_counted_by_hand_are_compared_with_those_recorded():
    recorded = CardCounts(issued=200, spoiled=1, cast=150)
    assert differences(recorded, spoiled=1, cast=150, unused=49) == []
    assert differences(recorded, spoiled=2, cast=149, unused=49) == [
        "You counted 2 spoiled cards, but 1 is recorded.",
        "You counted 149 used cards, but 150 are recorded.",
    ]
