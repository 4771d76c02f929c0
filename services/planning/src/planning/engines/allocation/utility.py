"""The utility of a funded project to those who support it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.engines.allocation.ballots import Ints, Profile


class Measure(StrEnum):
    """A measure of a project's utility: its cost, one for every project, or the points its ballot gives it."""

    COST = "cost"
    CARDINALITY = "cardinality"
    SCORE = "score"


@dataclass(frozen=True)
class Utility:
    """Utilities u = base × points: `base` per project, `points` per project and supporting ballot."""

    measure: Measure
    base: tuple[int, ...]
    points: tuple[Ints, ...]

    @classmethod
    def from_profile(cls, profile: Profile, measure: Measure) -> Utility:
        """Return the utilities of a profile; under `cost` and `cardinality` the strength of support is ignored."""
        base = profile.costs if measure is Measure.COST else (1,) * len(profile.projects)
        if measure is Measure.SCORE:
            return cls(measure, base, profile.points)
        return cls(measure, base, tuple(np.ones_like(points) for points in profile.points))
