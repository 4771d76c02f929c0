"""The states of a referral, who leads it into which, and what a consent's end does to it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from enum import StrEnum

from solidary.language.problems import Conflict, NotAllowed


class State(StrEnum):
    """Those of a FHIR Task, one to one."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


class Side(StrEnum):
    """Who moves a referral: its sender, its receiver, or the end of the consent that it stands on."""

    SENDER = "sender"
    RECEIVER = "receiver"
    CONSENT = "consent"


WAY: Mapping[State, tuple[State, ...]] = {
    State.DRAFT: (State.REQUESTED, State.CANCELLED),
    State.REQUESTED: (State.ACCEPTED, State.REJECTED, State.CANCELLED),
    State.ACCEPTED: (State.IN_PROGRESS, State.ON_HOLD, State.CANCELLED),
    State.IN_PROGRESS: (State.COMPLETED, State.FAILED, State.ON_HOLD),
    State.ON_HOLD: (State.IN_PROGRESS, State.CANCELLED),
    State.REJECTED: (),
    State.COMPLETED: (),
    State.FAILED: (),
    State.CANCELLED: (),
    State.ENTERED_IN_ERROR: (),
}
"""What each state may become; `entered_in_error` from any other beside these."""

LEADS: Mapping[State, tuple[Side, ...]] = {
    State.REQUESTED: (Side.SENDER,),
    State.ACCEPTED: (Side.RECEIVER,),
    State.REJECTED: (Side.RECEIVER,),
    State.IN_PROGRESS: (Side.RECEIVER,),
    State.ON_HOLD: (Side.RECEIVER,),
    State.COMPLETED: (Side.RECEIVER,),
    State.FAILED: (Side.RECEIVER, Side.CONSENT),
    State.CANCELLED: (Side.SENDER, Side.CONSENT),
    State.ENTERED_IN_ERROR: (Side.SENDER,),
}
"""Who leads a referral into a state."""

OPEN = frozenset({State.REQUESTED, State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD})
STOPPABLE = OPEN | {State.DRAFT}
TAKEN_ON = frozenset({State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD})
"""While it is in one of these the receiver reads the package."""

STALE = timedelta(days=14)
"""A capacity that was said longer ago is not known any more (as in `referrals.engines.suggestion`)."""


class NoPlaces(Conflict):
    """The service said that it is full, a short time ago."""

    slug, title = "no-places", "The service has no free places"


def may_become(state: State, to: State) -> bool:
    return to in WAY[state] or (to is State.ENTERED_IN_ERROR and state is not to)


def move(state: State, to: State, by: Set[Side]) -> State:
    """Raises NotAllowed where the table has no such arrow, or the other side leads there."""
    if by.isdisjoint(LEADS[to]):
        raise NotAllowed(f"only the {LEADS[to][0]} leads a referral to {to}")
    if not may_become(state, to):
        raise NotAllowed(f"a referral that is {state} does not become {to}")
    return to


def without_ground(state: State) -> State:
    """What becomes of a referral, in one of the states that can be stopped, when its consent ends.

    What has begun cannot be cancelled any more: it has failed.
    """
    return State.FAILED if state is State.IN_PROGRESS else State.CANCELLED


def may_read_package(state: State) -> None:
    """Raises NotAllowed: before accepting there is the preview only, afterwards nothing."""
    if state not in TAKEN_ON:
        raise NotAllowed(f"the package of a referral that is {state} is not read")


def must_have_places(
    available: int | None, said: datetime | None, now: datetime, *, waiting_list: bool, although_full: bool
) -> None:
    """Raises NoPlaces for a service that is known to be full, unless one may wait, or the sender insists."""
    known = available is not None and said is not None and now - said <= STALE
    if known and available == 0 and not waiting_list and not although_full:
        raise NoPlaces("ask the service, choose another, or send it `although_full`")
