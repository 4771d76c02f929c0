"""A payment order and its transfers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from cash.engines.bank_messages.text import Alphabet
from cash.engines.money import Money


class AccountType(StrEnum):
    """Codes of ISO 20022's external list ExternalCashAccountType1Code that local banks ask for."""

    CURRENT = "CACC"
    SAVINGS = "SVGS"


class ChargeBearer(StrEnum):
    """Who bears the bank's charges. The household receives the full amount with DEBTOR."""

    DEBTOR = "DEBT"
    SHARED = "SHAR"
    SERVICE_LEVEL = "SLEV"


@dataclass(frozen=True, slots=True)
class Iban:
    """An account by its international number."""

    iban: str


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """An account as one bank or wallet knows it. `scheme` says whose numbering it is.

    A mobile wallet: `LocalAccount("+573001234567", scheme="NEQUI")`.
    """

    number: str
    scheme: str | None = None
    type: AccountType | None = None


Account: TypeAlias = Iban | LocalAccount


@dataclass(frozen=True, slots=True)
class Agent:
    """The bank or wallet that holds an account: its BIC, or its number among the members of a clearing."""

    bic: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment to one person. `end_to_end_id` comes back in every answer: make it the payment's own."""

    end_to_end_id: str
    amount: Money
    creditor: str
    account: Account
    agent: Agent | None = None
    remittance: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What all transfers of a file share: one debtor account, one day, one currency.

    `count` and `total` stand at the head of the file, before the transfers: whoever orders must know them
    (a plan does). `created` carries its time zone.
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
