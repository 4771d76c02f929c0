"""How much a funded project is worth to those who support it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.engines.allocation.ballots import Ints, Profile


class Measure(StrEnum):
    """`cost`: what it costs. `cardinality`: one. `score`: the points its ballot gives it."""

    cost = "cost"
    cardinality = "cardinality"
    score = "score"


@dataclass(frozen=True)
class Utility:
    """u = base × points: `base` per project, `points` per project and supporting ballot."""

    measure: Measure
    base: tuple[int, ...]
    points: tuple[Ints, ...]

    @classmethod
    def of(cls, profile: Profile, measure: Measure) -> Utility:
        """With `cost` and `cardinality` only the fact of support counts, not how strong it is."""
        base = profile.costs if measure is Measure.cost else (1,) * len(profile.projects)
        if measure is Measure.score:
            return cls(measure, base, profile.points)
        return cls(measure, base, tuple(np.ones_like(points) for points in profile.points))
