"""The times at which a delivery is tried again, and at which the webhook is paused."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pauses before each repetition, as the Standard Webhooks specification proposes: a little more than three days."""
PATIENCE = timedelta(days=3)
"""The time for which a webhook may accept nothing before it is paused."""
FAILING = 3
"""The failures in a row after which a webhook gets single attempts until one succeeds."""
LONGEST_PROBE = timedelta(minutes=5)
JITTER = 0.1


class DeliveryState(StrEnum):
    """The states of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"


class Failure(StrEnum):
    """The reason of a failed attempt."""

    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    NAME_NOT_FOUND = "name_not_found"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIME_OUT = "time_out"
    REDIRECT = "redirect"
    STATUS = "status"


GONE = 410


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt: the status of the answer, if there was one, and the failure, if it failed."""

    status: int | None = None
    failure: Failure | None = None

    @classmethod
    def of(cls, status: int) -> Outcome:
        """Return the outcome that an answer's status means. Only 2xx accepts the event."""
        if 200 <= status < 300:
            return cls(status)
        return cls(status, Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS)


def pause_after(attempts: int) -> timedelta | None:
    """Return the pause after so many failed attempts at a delivery; None where they are used up."""
    if attempts > len(SCHEDULE):
        return None
    return SCHEDULE[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)


def probe_after(failures: int) -> timedelta:
    """Return the pause of a whole webhook after so many failures in a row: none before FAILING, then doubling."""
    if failures < FAILING:
        return timedelta()
    return min(SCHEDULE[0] * (1 << min(failures - FAILING, 10)), LONGEST_PROBE)
