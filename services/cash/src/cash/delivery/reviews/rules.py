"""The flags of payments and the decisions on them."""

from __future__ import annotations

from enum import StrEnum


class Flag(StrEnum):
    """The reason why a payment needs a decision before its plan is released."""

    PAID_ELSEWHERE = "paid_elsewhere"
    """A person of the household is paid in this cycle for this purpose as a member of another household."""
    SHARED_ACCOUNT = "shared_account"
    """The account is also that of another household."""


class FlagDecision(StrEnum):
    """A checker's decision on a flagged payment."""

    PAY = "pay"
    LEAVE_OUT = "leave_out"


class Difference(StrEnum):
    """The difference of a household's payment from that of the programme's last released plan."""

    NEW = "new"
    MISSING = "missing"
    AMOUNT = "amount_changed"
    ACCOUNT = "account_changed"
