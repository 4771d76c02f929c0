"""Accounts, and what stands on them.

An account belongs to a budget line and a currency. The chart:

| account | holds | overdrawn? |
|---|---|---|
| `fund:granted` | what donors gave (the outside: always below zero) | yes |
| `fund:available` | what may still be promised | no: this is the budget |
| `fsp:clearing:<fsp>` | paid out by a provider, not yet seen on a statement | no |
| `beneficiary:payable` | came back late, and is still owed to its household | no |
| `delivered` | paid out and seen on a statement | no |
| `fees` | charges of banks and providers | no |
| `fx` | between two currencies: one leg here, one there | yes |
"""

from __future__ import annotations

from dataclasses import dataclass

GRANTED = "fund:granted"
AVAILABLE = "fund:available"
CLEARING = "fsp:clearing:*"
PAYABLE = "beneficiary:payable"
DELIVERED = "delivered"
FEES = "fees"
EXCHANGED = "fx"

_MAY_BE_OVERDRAWN = frozenset({GRANTED, EXCHANGED})


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a budget line in one currency."""

    budget_line: str
    currency: str
    name: str

    @property
    def role(self) -> str:
        """Its place in the chart: of whichever provider, clearing is clearing."""
        prefix = CLEARING.removesuffix("*")
        return CLEARING if self.name.startswith(prefix) and self.name != prefix else self.name

    @property
    def may_be_overdrawn(self) -> bool:
        return self.name in _MAY_BE_OVERDRAWN

    def __str__(self) -> str:
        return f"{self.name} of {self.budget_line} in {self.currency}"


@dataclass(frozen=True, slots=True)
class Balance:
    """Four sums in minor units, none of which ever falls below zero. Pending is reserved, not yet moved."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    @property
    def free(self) -> int:
        """What may still leave the account: what is reserved counts as gone, what is promised not as come."""
        return self.credits_posted - self.debits_posted - self.debits_pending
