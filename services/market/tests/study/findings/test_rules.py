from __future__ import annotations

from fractions import Fraction

from market.study.findings.rules import employment_growth


def test_growth_is_exact_and_absent_without_earlier_employment():
    assert employment_growth(3, 4) == Fraction(1, 3)
    assert employment_growth(0, 4) is None
