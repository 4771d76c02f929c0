"""The chart of accounts and the movements between them.

An account belongs to a budget line and a currency:

| account | holds | overdrawn? |
|---|---|---|
| `fund:granted` | the money that was granted, seen from outside: always below zero | yes |
| `fund:available` | the money that is not reserved or spent: the budget | no |
| `fsp:clearing:<fsp>` | paid by a provider, not yet on a statement | no |
| `beneficiary:payable` | returned after delivery, and still owed to its household | no |
| `delivered` | paid and on a statement | no |
| `fees` | charges of banks and providers | no |

A transfer moves minor units between two accounts of one budget line and currency, in two phases as in TigerBeetle
(docs.tigerbeetle.com, "Two-phase transfers").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GRANTED = "fund:granted"
AVAILABLE = "fund:available"
CLEARING = "fsp:clearing:*"
PAYABLE = "beneficiary:payable"
DELIVERED = "delivered"
FEES = "fees"

_CLEARING_PREFIX = CLEARING.removesuffix("*")
OVERDRAWN_ACCOUNTS = frozenset({GRANTED})
"""The accounts that may be below zero."""


class TransferKind(StrEnum):
    """The kind of a transfer.

    A single transfer moves money at once. A pending one reserves it: a post moves all of it or a part and releases
    the rest, a void releases all. A reservation is resolved once.
    """

    SINGLE = "single"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class TransferCode(StrEnum):
    """The reason of a transfer."""

    GRANT = "grant"
    PAYMENT = "payment"
    SETTLEMENT = "settlement"
    LATE_RETURN = "late_return"
    WRITE_OFF = "write_off"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class Movement:
    """The kinds of a transfer with some code, and the pairs of accounts (debited, credited)."""

    kinds: frozenset[TransferKind]
    accounts: frozenset[tuple[str, str]]


_RESERVATION = frozenset({TransferKind.PENDING, TransferKind.POST, TransferKind.VOID})
_SINGLE = frozenset({TransferKind.SINGLE})

MOVEMENTS: dict[TransferCode, Movement] = {
    TransferCode.GRANT: Movement(_SINGLE, frozenset({(GRANTED, AVAILABLE)})),
    TransferCode.PAYMENT: Movement(_RESERVATION, frozenset({(AVAILABLE, CLEARING), (PAYABLE, CLEARING)})),
    TransferCode.SETTLEMENT: Movement(_SINGLE, frozenset({(CLEARING, DELIVERED)})),
    TransferCode.LATE_RETURN: Movement(_SINGLE, frozenset({(CLEARING, PAYABLE), (DELIVERED, PAYABLE)})),
    TransferCode.WRITE_OFF: Movement(_SINGLE, frozenset({(PAYABLE, AVAILABLE)})),
    TransferCode.FEE: Movement(_SINGLE, frozenset({(AVAILABLE, FEES)})),
}
"""The movements that are allowed. A release reserves a payment, its delivery posts the reservation and its failure
voids it. A late return stays owed to its household: a follow-up plan pays it from there, or it is written off."""


def clearing_account(fsp: str) -> str:
    """Return the name of a provider's clearing account."""
    return _CLEARING_PREFIX + fsp


def account_role(name: str) -> str:
    """Return an account's name in the chart: every provider's clearing account is `fsp:clearing:*`."""
    return CLEARING if name.startswith(_CLEARING_PREFIX) and name != _CLEARING_PREFIX else name


@dataclass(frozen=True, slots=True)
class Balance:
    """Four sums of an account in minor units, none below zero. Pending sums are reserved and not yet moved."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    @property
    def free(self) -> int:
        """The amount that may leave the account: reserved debits are subtracted, pending credits are not added."""
        return self.credits_posted - self.debits_posted - self.debits_pending
