"""The greedy family of rules, as Pabulib's own checker understands the rule names.

Projects are taken by score (votes, or the sum of points), from the highest. `greedy` skips a project that no longer
fits; `greedy-no-skip` stops at the first that does not fit; a threshold leaves out projects that score less.
Ties: more votes, then the lower cost, then the id (docs/using/allocation.md).
"""

from __future__ import annotations

from fractions import Fraction

from planning.engines.allocation.ballots import Profile


def rank_projects(profile: Profile) -> list[int]:
    """Return the projects from the highest score to the lowest."""
    tie_ranks = profile.tie_ranks()
    return sorted(range(len(profile.projects)), key=lambda c: (-profile.scores[c], tie_ranks[c]))


def greedy(
    profile: Profile, *, threshold: Fraction | int | None = None, skip: bool = True
) -> tuple[int, ...]:
    """Return the projects chosen, in the order of choice."""
    remaining = profile.budget
    chosen: list[int] = []
    for project in rank_projects(profile):
        if threshold is not None and profile.scores[project] < threshold:
            continue
        if profile.costs[project] <= remaining:
            chosen.append(project)
            remaining -= profile.costs[project]
        elif not skip:
            break
    return tuple(chosen)
