"""A rule asks a coded profile, and nothing else."""

from __future__ import annotations

from fractions import Fraction
from uuid import uuid4

import pytest
from cash.targeting.enrolments.rules import COLUMNS, OtherCurrency, Profile, unknown_columns, values

PROFILE = Profile(
    payout_version=1,
    household_id=uuid4(),
    version=3,
    size=4,
    disability=1,
    area="PA1104",
    own_income=12_050,
    currency="USD",
)


def test_money_is_told_in_major_units_and_what_is_unknown_says_so():
    asked = {name: column for name, (column, _) in COLUMNS.items()}
    assert values(PROFILE, asked, "USD") == {
        "household_size": Fraction(4),
        "disability": Fraction(1),
        "shelter": "unknown",
        "area": "PA1104",
        "own_income": Fraction("120.50"),
        "other_aid": Fraction(0),
    }


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"household_size": "whole", "own_income": "money"}, set()),
        ({"surname": "text"}, {"surname"}),
        ({"household_size": "text", "area": "text"}, {"household_size"}),
    ],
)
def test_a_rule_may_ask_only_what_a_profile_tells(asked, wrong):
    assert set(unknown_columns(asked)) == wrong


@pytest.mark.parametrize(
    ("known", "paid", "fits"), [("PAB", "USD", True), ("USD", "PAB", True), ("COP", "USD", False)]
)
def test_means_in_another_money_are_not_counted_as_if_they_were_the_same(known, paid, fits):
    profile = PROFILE.model_copy(update={"currency": known})
    if fits:
        assert values(profile, {"own_income": "money"}, paid) == {"own_income": Fraction("120.50")}
    else:
        with pytest.raises(OtherCurrency):
            values(profile, {"own_income": "money"}, paid)
    assert values(profile, {"household_size": "whole"}, paid) == {"household_size": Fraction(4)}
