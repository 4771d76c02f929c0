"""The urgency of a need: the time within which it must be answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from solidary.language.codes.code_list import CodeList


class Urgency(CodeList):
    """A response time of the inter-agency referral practice (IASC; Primero's response time-frames)."""

    EMERGENCY = "emergency", "Emergencia: 24 horas", "Emergency: 24 hours"
    URGENT = "urgent", "Urgente: 72 horas", "Urgent: 72 hours"
    NORMAL = "normal", "Normal: dos semanas", "Normal: two weeks"

    @property
    def response_time(self) -> timedelta:
        """The longest time to a first answer."""
        return _RESPONSE_TIMES[self]

    def due(self, requested_at: datetime) -> datetime:
        """Return the time from which a request made at `requested_at` (with its time zone) is overdue."""
        return requested_at + self.response_time


_RESPONSE_TIMES = {
    Urgency.EMERGENCY: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=72),
    Urgency.NORMAL: timedelta(days=14),
}
