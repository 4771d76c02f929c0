"""The greedy family, as Pabulib's own checker understands the rule names.

Projects by score (votes, or the sum of points), from the highest. `greedy` skips what no longer fits;
`greedy-no-skip` stops at the first that does not fit; a threshold leaves out projects that score less.
Ties: more votes, then the lower cost, then the id (docs/using/allocation.md).
"""

from __future__ import annotations

from fractions import Fraction

from planning.engines.allocation.ballots import Profile


def ranking(profile: Profile) -> list[int]:
    """The projects from the highest score to the lowest."""
    tie_order = profile.tie_order()
    return sorted(range(len(profile.projects)), key=lambda c: (-profile.scores[c], tie_order[c]))


def greedy(
    profile: Profile, *, threshold: Fraction | int | None = None, skip: bool = True
) -> tuple[int, ...]:
    """The projects chosen, in the order of choice."""
    left = profile.budget
    chosen: list[int] = []
    for project in ranking(profile):
        if threshold is not None and profile.scores[project] < threshold:
            continue
        if profile.costs[project] <= left:
            chosen.append(project)
            left -= profile.costs[project]
        elif not skip:
            break
    return tuple(chosen)
