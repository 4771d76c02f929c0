"""What cash tells: that a payment went or did not, and how far the aid reaches."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from solidary.events.event import Event


class PaymentDelivered(Event, name="cash.payment.delivered", key="payment_id"):
    """A payment reached the household. The amount stays in cash."""

    payment_id: UUID
    household_id: UUID
    programme_id: UUID


class PaymentFailed(Event, name="cash.payment.failed", key="payment_id"):
    """A payment did not reach the household; reason by ISO 20022 code."""

    payment_id: UUID
    household_id: UUID
    programme_id: UUID
    reason: str | None = None


class CoverageCounted(Event, name="cash.coverage.counted", key="report_id"):
    """How many households the aid reached in a TIU, k or more."""

    report_id: UUID
    tiu_id: UUID
    period_start: date
    period_end: date
    households: int = Field(ge=1)
    k: int = Field(ge=2)
