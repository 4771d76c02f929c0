"""The end of a route, announced in its answers and its description (docs/reference/versions.md).

@router.get("/old")
@deprecated(since=date(2027, 1, 15), sunset=date(2027, 7, 15))
@public
async def read_old() -> …
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

R = TypeVar("R", bound=Callable[..., Any])
NOTICE = timedelta(days=180)
"""The least time between the announcement and the end."""


@dataclass(frozen=True)
class Deprecation:
    """The day on which a route was deprecated, and the day from which it may be gone."""

    since: date
    sunset: date

    @property
    def headers(self) -> dict[str, str]:
        """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""
        since, sunset = (datetime.combine(day, time(), UTC) for day in (self.since, self.sunset))
        return {
            "Deprecation": f"@{int(since.timestamp())}",
            "Sunset": format_datetime(sunset, usegmt=True),
        }


def deprecated(*, since: date, sunset: date) -> Callable[[R], R]:
    """Announce that a route ends on the day `sunset`. Raises ValueError where that is too soon."""
    if sunset - since < NOTICE:
        raise ValueError(f"A route ends {NOTICE.days} days after its announcement at the earliest.")

    def mark(endpoint: R) -> R:
        endpoint.__dict__["deprecation"] = Deprecation(since, sunset)
        return endpoint

    return mark


def deprecation_of(endpoint: object) -> Deprecation | None:
    """Return what a route announces, if anything."""
    announced: Deprecation | None = getattr(endpoint, "deprecation", None)
    return announced
