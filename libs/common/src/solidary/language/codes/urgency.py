"""How soon a need must be answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from solidary.language.codes.code_list import CodeList


class Urgency(CodeList):
    """The response times of the inter-agency referral practice (IASC; Primero's response time-frames)."""

    EMERGENCY = "emergency", "Emergencia: 24 horas", "Emergency: 24 hours"
    URGENT = "urgent", "Urgente: 72 horas", "Urgent: 72 hours"
    NORMAL = "normal", "Normal: dos semanas", "Normal: two weeks"

    @property
    def within(self) -> timedelta:
        """The longest time to a first answer."""
        return _WITHIN[self]

    def due(self, asked: datetime) -> datetime:
        """When a request made at `asked` (with its time zone) is overdue."""
        return asked + self.within


_WITHIN = {
    Urgency.EMERGENCY: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=72),
    Urgency.NORMAL: timedelta(days=14),
}
