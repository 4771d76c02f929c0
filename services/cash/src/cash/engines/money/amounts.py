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

MAX_MINOR_UNITS = 10**18 - 1
"""The largest amount of one payment, in minor units: ISO 20022 gives an amount 18 digits."""


class UnknownCurrency(ValueError):
    """A code that ISO 4217 does not have, or has without a minor unit (gold, special drawing rights, tests)."""


@cache
def minor_unit_digits(currency: str) -> int:
    """Return the ISO 4217 exponent: 2 for USD and COP, 0 for CLP, 3 for TND. Raises UnknownCurrency."""
    try:
        digits = Currency(currency).exponent
    except ValueError:
        raise UnknownCurrency(f"ISO 4217 has no currency {currency!r}.") from None
    if digits is None:
        raise UnknownCurrency(f"{currency} has no minor unit, so no payment can be made in it.")
    return int(digits)


def scaled_decimal(number: int, digits: int) -> Decimal:
    """Return `number` / 10^`digits` with all its digits. Arithmetic on decimals would round to 28 of them."""
    return Decimal(f"{number}E-{digits}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency: `Money(4550, "USD")` is 45.50 USD. May be negative."""

    minor: int
    currency: str

    @classmethod
    def from_major(cls, amount: Decimal | Fraction | int | str, currency: str) -> Money:
        """Return the money that is written as `amount` in major units.

        Raises ValueError where the amount is not a number or is finer than the currency's minor unit.
        """
        minor = Fraction(amount) * 10 ** minor_unit_digits(currency)
        if minor.denominator != 1:
            raise ValueError(f"{amount} is finer than the minor unit of {currency}.")
        return cls(minor.numerator, currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with as many decimals as the currency has: 45.50."""
        return scaled_decimal(self.minor, minor_unit_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"
