"""The kinds of legal holds, and what they forbid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from solidary.language.problems import Fault

from intake.problems import PersonUnderLegalHold


class HoldKind(StrEnum):
    """The reason of a legal hold."""

    OPEN_PAYMENT = "open_payment"
    """Cash has fetched the payee for a payment whose outcome is not known."""
    FINANCIAL_RECORDS = "financial_records"
    """A payment was delivered, and an audit may ask who received it."""
    PROCEEDINGS = "proceedings"
    """A data protection officer keeps the record for a complaint, an investigation or a court."""


EXPLANATIONS: Mapping[HoldKind, str] = {
    HoldKind.OPEN_PAYMENT: "A payment to this person may be on its way. Wait for its outcome, at most until {}.",
    HoldKind.FINANCIAL_RECORDS: "A payment to this person may be audited until {}.",
    HoldKind.PROCEEDINGS: "A data protection officer has asked to keep this record until {}.",
}


def require_no_hold(holds: Mapping[HoldKind, date]) -> None:
    """Raise PersonUnderLegalHold with each hold and its last day."""
    if holds:
        faults = [Fault(kind, EXPLANATIONS[kind].format(until)) for kind, until in sorted(holds.items())]
        raise PersonUnderLegalHold(f"This person can be erased after {max(holds.values())}.", *faults)


def audited_until(delivered: datetime, audit_years: int) -> date:
    """Return the last day on which an audit may ask who received a payment."""
    return date(delivered.year + audit_years, 12, 31)
