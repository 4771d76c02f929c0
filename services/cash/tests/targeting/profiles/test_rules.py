"""The columns of a coded profile that a rule may use."""

from __future__ import annotations

from fractions import Fraction
from uuid import uuid4

import pytest
from cash.targeting.profiles.records import ProfileRecord
from cash.targeting.profiles.rules import COLUMNS, CurrencyMismatch, profile_values, unusable_columns

PROFILE = ProfileRecord(
    payout_version=1,
    household_id=uuid4(),
    profile_version=3,
    size=4,
    disability=1,
    area="PA1104",
    own_income=12_050,
    currency="USD",
)


def test_money_has_major_units_and_an_unknown_shelter_is_a_code():
    columns = {name: column for name, (column, _) in COLUMNS.items()}
    assert profile_values(PROFILE, columns, "USD") == {
        "household_size": Fraction(4),
        "disability": Fraction(1),
        "shelter": "unknown",
        "area": "PA1104",
        "own_income": Fraction("120.50"),
        "other_aid": Fraction(0),
    }


@pytest.mark.parametrize(
    ("columns", "unusable"),
    [
        ({"household_size": "whole", "own_income": "money"}, set()),
        ({"surname": "text"}, {"surname"}),
        ({"household_size": "text", "area": "text"}, {"household_size"}),
    ],
)
def test_rule_may_use_only_the_columns_of_a_profile(columns, unusable):
    assert set(unusable_columns(columns)) == unusable


@pytest.mark.parametrize(
    ("known", "paid", "fits"), [("PAB", "USD", True), ("USD", "PAB", True), ("COP", "USD", False)]
)
def test_means_in_another_currency_are_refused(known, paid, fits):
    profile = PROFILE.model_copy(update={"currency": known})
    if fits:
        assert profile_values(profile, {"own_income": "money"}, paid) == {"own_income": Fraction("120.50")}
    else:
        with pytest.raises(CurrencyMismatch):
            profile_values(profile, {"own_income": "money"}, paid)
    assert profile_values(profile, {"household_size": "whole"}, paid) == {"household_size": Fraction(4)}
