"""An amount of money: a whole number of minor units and a currency.

Source of the minor units: ISO 4217, table A.1, as published by its maintenance agency and carried by the
library `iso4217`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from iso4217 import Currency

MOST_MINOR = 10**18 - 1
"""The most that one payment may be, in minor units: ISO 20022 gives an amount 18 digits."""


class UnknownCurrency(ValueError):
    """Not a code of ISO 4217, or one without a minor unit (gold, special drawing rights, tests)."""


@cache
def minor_digits(currency: str) -> int:
    """The ISO 4217 exponent: 2 for USD and COP, 0 for CLP, 3 for TND."""
    try:
        digits = Currency(currency).exponent
    except ValueError:
        raise UnknownCurrency(f"{currency!r} is not a currency of ISO 4217") from None
    if digits is None:
        raise UnknownCurrency(f"{currency} has no minor unit: nobody can be paid in it")
    return int(digits)


def decimal(number: int, digits: int) -> Decimal:
    """`number` with its last `digits` behind the point, to the last one: arithmetic on decimals keeps 28."""
    return Decimal(f"{number}E-{digits}")


@dataclass(frozen=True, slots=True)
class Money:
    """So many minor units of a currency: `Money(4550, "USD")` is 45.50 USD. May be negative."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | Fraction | int | str, currency: str) -> Money:
        """The money written as `amount` in major units.

        Raises ValueError where the amount is no number or is finer than the currency's minor unit.
        """
        minor = Fraction(amount) * 10 ** minor_digits(currency)
        if minor.denominator != 1:
            raise ValueError(f"{amount} is finer than the minor unit of {currency}")
        return cls(minor.numerator, currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with as many decimals as the currency has: 45.50."""
        return decimal(self.minor, minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"
