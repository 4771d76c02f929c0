"""The kinds of legal holds, and what they forbid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

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


class PaymentOutcome(NamedTuple):
    """The outcome of a payment to a person."""

    payment_id: UUID
    payee: UUID
    time: datetime
    is_delivered: bool


def audit_holds(outcomes: Sequence[PaymentOutcome], audit_years: int) -> dict[tuple[UUID, UUID], date]:
    """Return the last days of the holds for audits, by payee and payment. A payment that failed is not audited."""
    return {
        (outcome.payee, outcome.payment_id): date(outcome.time.year + audit_years, 12, 31)
        for outcome in outcomes
        if outcome.is_delivered
    }
