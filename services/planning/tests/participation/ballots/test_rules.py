from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning.participation.ballots import rules

SECRET, PLAN = b"a secret", UUID(int=7)
CARD = rules.card(SECRET, PLAN, 1, 17)


def test_a_printed_card_is_known_again_however_it_is_typed():
    assert rules.number_of(SECRET, PLAN, 1, 20, f"  {CARD.lower()} ") == 17


@pytest.mark.parametrize(
    ("secret", "plan", "round_", "issued", "said"),
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
def test_a_card_of_another_plan_round_or_number_is_no_card(secret, plan, round_, issued, said):
    assert rules.number_of(secret, plan, round_, issued, said) is None


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(said):
    assert rules.number_of(SECRET, PLAN, 1, 20, said) in (None, 17 if said.strip().upper() == CARD else None)
