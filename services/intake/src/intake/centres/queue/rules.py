"""The states of a ticket, and the figures of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from solidary.language.codes.code_list import CodeList
from solidary.language.transitions import Transition, TransitionTable

MOST_TICKETS = 2_000
"""The most tickets of a day at a centre."""


class TicketState(CodeList):
    """The state of a ticket of the queue."""

    WAITING = "waiting", "Espera", "Waiting"
    CALLED = "called", "Llamado", "Called"
    SERVED = "served", "Atendido", "Served"
    LEFT = "left", "Se fue", "Left"


class QueueActor(StrEnum):
    """The party that moves the queue."""

    DESK = "desk"


TICKET_TRANSITIONS = TransitionTable(
    "queue ticket",
    initial=(TicketState.WAITING,),
    transitions=(
        Transition("call", TicketState.WAITING, TicketState.CALLED, by=(QueueActor.DESK,)),
        Transition("return", TicketState.CALLED, TicketState.WAITING, by=(QueueActor.DESK,)),
        Transition("serve", TicketState.CALLED, TicketState.SERVED, by=(QueueActor.DESK,)),
        Transition("leave", TicketState.WAITING, TicketState.LEFT, by=(QueueActor.DESK,)),
        Transition("leave", TicketState.CALLED, TicketState.LEFT, by=(QueueActor.DESK,)),
    ),
)


class TicketTimes(NamedTuple):
    """The state of a ticket, when the person arrived, and when they were called."""

    state: str
    arrived: datetime
    called: datetime | None

    def waited_minutes(self, now: datetime) -> int:
        """Return the whole minutes of waiting: until the call, or until now."""
        return max(0, int(((self.called or now) - self.arrived).total_seconds() // 60))


class DayFigures(NamedTuple):
    """The figures of a day. `median_wait` is of those who were called, in minutes."""

    arrived: int
    waiting: int
    called: int
    served: int
    left: int
    median_wait: int | None


def day_figures(tickets: Iterable[TicketTimes], now: datetime) -> DayFigures:
    """Return the figures of the tickets of one day."""
    listed = list(tickets)
    states = Counter(each.state for each in listed)
    waits = [each.waited_minutes(now) for each in listed if each.called is not None]
    return DayFigures(
        arrived=len(listed),
        waiting=states[TicketState.WAITING],
        called=states[TicketState.CALLED],
        served=states[TicketState.SERVED],
        left=states[TicketState.LEFT],
        median_wait=int(median(waits)) if waits else None,
    )
