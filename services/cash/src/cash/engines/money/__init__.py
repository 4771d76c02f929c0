"""Money as whole minor units of an ISO 4217 currency, and how it is rounded. Never a float."""

from cash.engines.money.amounts import MOST_MINOR, Money, UnknownCurrency, decimal, minor_digits
from cash.engines.money.rounding import Rounding, round_to

__all__ = [
    "MOST_MINOR",
    "Money",
    "Rounding",
    "UnknownCurrency",
    "decimal",
    "minor_digits",
    "round_to",
]
