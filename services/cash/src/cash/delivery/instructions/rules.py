"""The payments of a plan that are left out of its order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from solidary.language.problems import Fault

from cash.delivery.payments.rules import ExclusionReason
from cash.problems import ExecutionDateNotPossible

MAX_DAYS_AHEAD = 60

EXCLUSION_SENTENCES = {
    ExclusionReason.CONSENT_ENDED: "The consent has ended, or the person was erased.",
    ExclusionReason.NO_ACCOUNT: "No account is known.",
    ExclusionReason.ACCOUNT_CHANGED: "The account or the name has changed since the approval.",
    ExclusionReason.NOT_WRITABLE: "The name or the account cannot be written into an order.",
}


class CurrentPayee(Protocol):
    """A payee as intake returns it when the order is written."""

    @property
    def payout(self) -> object | None: ...
    @property
    def payout_version(self) -> int: ...


def exclusion_reason(approved_version: int, payee: CurrentPayee | None) -> ExclusionReason | None:
    """Return the reason why an approved payment is left out of its order; None where it is a part of it.

    An account that changed after the approval is not the one that was approved: it needs another plan, and new
    approvals.
    """
    if payee is None:
        return ExclusionReason.CONSENT_ENDED
    if payee.payout is None:
        return ExclusionReason.NO_ACCOUNT
    if payee.payout_version != approved_version:
        return ExclusionReason.ACCOUNT_CHANGED
    return None


def require_execution_date(day: date, now: datetime) -> None:
    """Check that a provider can pay on a day: today in the time zone of some office, or later, within two months.

    Raises ExecutionDateNotPossible.
    """
    first, last = (now - timedelta(hours=12)).date(), now.date() + timedelta(days=MAX_DAYS_AHEAD)
    if not first <= day <= last:
        raise ExecutionDateNotPossible(
            f"The execution date {day.isoformat()} is not possible.",
            Fault("/execution_date", f"Give a day from {first.isoformat()} to {last.isoformat()}."),
        )
