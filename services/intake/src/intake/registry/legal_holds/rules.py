"""The kinds of legal holds, and what they forbid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """The outcome of a payment to one of the people of a household."""

    payment_id: UUID
    people: Sequence[UUID]
    time: datetime
    is_delivered: bool


@dataclass(frozen=True)
class HoldChanges:
    """Changes of the holds that payments bring.

    `records` are the last days of the holds for audits, by person and payment; `no_longer_open` are the people to whom
    no payment is open any more.
    """

    records: dict[tuple[UUID, UUID], date] = field(default_factory=dict)
    no_longer_open: set[UUID] = field(default_factory=set)


def changes_by_outcomes(
    outcomes: Sequence[PaymentOutcome], open_payments: Mapping[UUID, int], audit_years: int
) -> HoldChanges:
    """Return the changes that the outcomes of payments bring, one after the other.

    `open_payments` is the number of each person's open payments. A delivered payment may be audited, so its payee
    stays: those to whom a payment is open, or everybody where that is not known. Where several payments to a household
    are open, one outcome proves nothing about the others: their holds stay until their last day.
    """
    changes = HoldChanges()
    for outcome in outcomes:
        still_open = {
            person: count
            for person in outcome.people
            if (count := open_payments.get(person, 0)) and person not in changes.no_longer_open
        }
        if outcome.is_delivered:
            until = date(outcome.time.year + audit_years, 12, 31)
            for person in still_open or outcome.people:
                changes.records[person, outcome.payment_id] = until
        if sum(still_open.values()) == 1:
            changes.no_longer_open.update(still_open)
    return changes
