"""Who of an agreed plan is in its order."""

from __future__ import annotations

from typing import Protocol

from cash.delivery.payments.rules import NotSent


class Told(Protocol):
    """What is told of a payee at the time of the order."""

    @property
    def payout(self) -> object | None: ...
    @property
    def payout_version(self) -> int: ...


def not_sent(agreed_version: int, told: Told | None) -> NotSent | None:
    """Why a payment that was agreed to is not ordered; None where it is.

    An account that changed after people said yes is not what they said yes to: it needs another plan, and their
    yes to that.
    """
    if told is None:
        return NotSent.CONSENT_ENDED
    if told.payout is None:
        return NotSent.NO_ACCOUNT
    if told.payout_version != agreed_version:
        return NotSent.ACCOUNT_CHANGED
    return None
