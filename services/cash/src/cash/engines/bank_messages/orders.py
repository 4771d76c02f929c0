"""A payment order and its transfers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from cash.engines.bank_messages.text import Alphabet
from cash.engines.money import Money


class AccountType(StrEnum):
    """Codes of ISO 20022's external list ExternalCashAccountType1Code that local banks require."""

    CURRENT = "CACC"
    SAVINGS = "SVGS"


class ChargeBearer(StrEnum):
    """The party that bears the bank's charges. With DEBTOR the household receives the full amount."""

    DEBTOR = "DEBT"
    SHARED = "SHAR"
    SERVICE_LEVEL = "SLEV"


@dataclass(frozen=True, slots=True)
class Iban:
    """An account by its international bank account number."""

    iban: str


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """An account by the number that one bank or wallet uses. `scheme` names the numbering scheme.

    A mobile wallet: `LocalAccount("+573001234567", scheme="NEQUI")`.
    """

    number: str
    scheme: str | None = None
    type: AccountType | None = None


Account: TypeAlias = Iban | LocalAccount


@dataclass(frozen=True, slots=True)
class Agent:
    """The bank or wallet that holds an account: its BIC, or its member number in a clearing system."""

    bic: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment to one person. `end_to_end_id` is repeated in every status report: use the payment's own id."""

    end_to_end_id: str
    amount: Money
    creditor: str
    account: Account
    agent: Agent | None = None
    remittance: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """The values that all transfers of a file share: one debtor account, one execution date, one currency.

    `count` and `total` stand in the header, before the transfers, so the caller must know them. `created` has
    its time zone.
    """

    message_id: str
    created: datetime
    execution: date
    initiating_party: str
    debtor: str
    account: Account
    agent: Agent
    count: int
    total: Money
    charges: ChargeBearer = ChargeBearer.DEBTOR
    alphabet: Alphabet = Alphabet.LATIN
