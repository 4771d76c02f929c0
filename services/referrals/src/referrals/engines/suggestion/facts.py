"""The coded query, without a person, and the facts about a service from which its score is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import asin, cos, radians, sin, sqrt

from solidary.language.codes import specific_needs
from solidary.language.codes.urgency import Urgency

from referrals.engines.eligibility.profile import Profile
from referrals.engines.eligibility.rule import Rule
from referrals.engines.hsds.schedules import Schedule

CLOCK_TOLERANCE = timedelta(minutes=5)
"""The time by which another clock may be ahead; a capacity that was updated later than that is not known yet."""
EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the Earth (IUGG)."""


@dataclass(frozen=True)
class Point:
    """A point in degrees, WGS 84."""

    latitude: float
    longitude: float

    def distance_km(self, other: Point) -> float:
        """Return the great-circle distance on a sphere (haversine), within 0.6 % of the ellipsoid's."""
        here, there = radians(self.latitude), radians(other.latitude)
        east = radians(other.longitude - self.longitude)
        chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(east / 2) ** 2
        return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))


class RestrictedNeed(ValueError):
    """A restricted need in a query: only a specialist makes referrals for it."""


@dataclass(frozen=True)
class CodedQuery:
    """A need and a profile of the person who has it, without their identity. Raises RestrictedNeed.

    `need` is the code of a service category or of an ordinary specific need; `near` is the place where the person is
    or will be, as coarse as the caller likes.
    """

    need: str
    profile: Profile
    urgency: Urgency = Urgency.NORMAL
    near: Point | None = None

    def __post_init__(self) -> None:
        needs = specific_needs.load_specific_needs()
        if self.need.partition("-")[0] in needs.groups and needs.is_restricted(self.need):
            raise RestrictedNeed("This need is restricted. A specialist makes the referral without a query.")


@dataclass(frozen=True)
class Capacity:
    """The free places at `updated` (HSDS `service_capacity`), and whether there is a waiting list."""

    available: float
    updated: datetime
    has_waiting_list: bool = False


@dataclass(frozen=True)
class ServiceFacts:
    """The facts about a service at one place. An unknown fact is None or empty, and gives half of its part's points.

    `is_remote` means that the service is available without going there; `response_time` is its usual time to a first
    answer; `zone` is the time zone of the place, for schedules that name none.
    """

    id: str
    needs: frozenset[str]
    rule: Rule | None = None
    schedules: tuple[Schedule, ...] = ()
    zone: tzinfo = UTC
    at: Point | None = None
    is_remote: bool = False
    capacity: Capacity | None = None
    languages: frozenset[str] = frozenset()
    response_time: timedelta | None = None
