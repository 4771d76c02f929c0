"""Money as whole minor units of an ISO 4217 currency, and its rounding. Never a float."""

from cash.engines.money.amounts import (
    MAX_MINOR_UNITS,
    Money,
    UnknownCurrency,
    minor_unit_digits,
    scaled_decimal,
)
from cash.engines.money.rounding import Rounding, round_to_multiple

__all__ = [
    "MAX_MINOR_UNITS",
    "Money",
    "Rounding",
    "UnknownCurrency",
    "minor_unit_digits",
    "round_to_multiple",
    "scaled_decimal",
]
