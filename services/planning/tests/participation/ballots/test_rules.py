from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning.participation.ballots import rules

SECRET, PLAN = b"a secret", UUID(int=7)
CARD = rules.print_card(SECRET, PLAN, 1, 17)


def test_a_card_is_recognised_in_lower_case_and_with_spaces():
    assert rules.number_of_card(SECRET, PLAN, 1, 20, f"  {CARD.lower()} ") == 17


@pytest.mark.parametrize(
    ("secret", "plan", "round_", "issued", "card"),
    [
        (b"another", PLAN, 1, 20, CARD),
        (SECRET, uuid4(), 1, 20, CARD),
        (SECRET, PLAN, 2, 20, CARD),
        (SECRET, PLAN, 1, 16, CARD),
        (SECRET, PLAN, 1, 20, CARD.replace("17-", "18-")),
        (SECRET, PLAN, 1, 20, CARD.replace("17-", "017-")),
        (SECRET, PLAN, 1, 20, CARD[:-1]),
    ],
)
def test_a_card_of_another_plan_round_or_number_is_not_recognised(secret, plan, round_, issued, card):
    assert rules.number_of_card(secret, plan, round_, issued, card) is None


@given(st.text(max_size=40))
def test_any_text_is_handled(card):
    assert rules.number_of_card(SECRET, PLAN, 1, 20, card) in (
        None,
        17 if card.strip().upper() == CARD else None,
    )
