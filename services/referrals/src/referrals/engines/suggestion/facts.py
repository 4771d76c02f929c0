"""What is asked, without a person; and what is known of a service that might help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import asin, cos, radians, sin, sqrt

from solidary.language.codes import specific_needs
from solidary.language.codes.urgency import Urgency

from referrals.engines.eligibility.profile import Profile
from referrals.engines.eligibility.rule import Rule
from referrals.engines.hsds.schedules import Schedule

EARTH = 6371.0088
"""Mean radius in km (IUGG)."""


@dataclass(frozen=True)
class Point:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float

    def km_to(self, other: Point) -> float:
        """Along the great circle of a sphere (haversine): within 0.6 % of the ellipsoid."""
        north, south = radians(self.latitude), radians(other.latitude)
        east = radians(other.longitude - self.longitude)
        chord = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
        return 2 * EARTH * asin(sqrt(chord))


class RestrictedNeed(ValueError):
    """A need that only its specialist may place: no query carries it."""


@dataclass(frozen=True)
class CodedQuery:
    """A need, and what is known of whoever has it, without saying who. Raises RestrictedNeed.

    `need` is the code of a service category or of an ordinary specific need; `near` where the person is or
    will be, as coarse as the caller likes.
    """

    need: str
    profile: Profile
    urgency: Urgency = Urgency.NORMAL
    near: Point | None = None

    def __post_init__(self) -> None:
        listed = specific_needs.load_specific_needs()
        if self.need.partition("-")[0] in listed.groups and listed.is_restricted(self.need):
            raise RestrictedNeed("this need is placed by a specialist, not by a query")


@dataclass(frozen=True)
class Capacity:
    """What was free at `updated` (HSDS `service_capacity`); `waiting_list` where one may wait for it."""

    available: float
    updated: datetime
    waiting_list: bool = False


@dataclass(frozen=True)
class ServiceFacts:
    """A service at one place. What is not known is None or empty, and costs it half of that part's points.

    `remote` where nobody has to go there; `answers_within` is its usual time to a first answer; `zone` the
    clock of the place, for schedules that name none.
    """

    id: str
    needs: frozenset[str]
    rule: Rule | None = None
    schedules: tuple[Schedule, ...] = ()
    zone: tzinfo = UTC
    at: Point | None = None
    remote: bool = False
    capacity: Capacity | None = None
    languages: frozenset[str] = frozenset()
    answers_within: timedelta | None = None
