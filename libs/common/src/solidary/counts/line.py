"""One breakdown of a published figure: which of its parts must be withheld together.

The parts add up to a figure that everybody sees, so what is withheld adds up to a known rest R. With two
parts or more withheld, each of them may be anything from 0 to R: nothing is learned beyond R itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Before(NamedTuple):
    """The same breakdown in the table published before: its parts, and those that it withheld."""

    parts: Mapping[str, int]
    withheld: frozenset[str]


def withhold(
    parts: Mapping[str, int], k: int, never: Collection[str] = (), before: Before | None = None
) -> frozenset[str]:
    """The parts to withhold: those below k or in `never`, and then the smallest of the others, until

    - at least two are withheld, and together they hold at least k people;
    - somebody who takes all of them to be below k still finds each within k/2 at best;
    - what was withheld `before` and is now withheld again is by itself enough in both tables, so that
      the two tables together, and all that is known of what changed between them, leave it open too.

    A breakdown with one possible part is the figure itself, and withholds nothing.
    """
    if len(parts) < 2:
        return frozenset()
    hidden = {name for name, count in parts.items() if count < k or name in never}
    shown = sorted((count, name) for name, count in parts.items() if name not in hidden)
    while hidden and shown and not _enough(hidden, parts, k):
        hidden.add(shown.pop(0)[1])
    if before and hidden:
        released = sorted(before.withheld - hidden, key=lambda name: (parts[name], name))
        while released and not _still_enough(hidden, parts, k, before):
            hidden.add(released.pop(0))
    return frozenset(hidden)


def _enough(hidden: Collection[str], parts: Mapping[str, int], k: int) -> bool:
    rest = sum(parts[name] for name in hidden)
    if len(hidden) < 2 or rest < k:
        return False
    all_small = all(parts[name] < k for name in hidden)
    return not all_small or rest <= len(hidden) * (k - 1) - k // 2


def _still_enough(hidden: Collection[str], parts: Mapping[str, int], k: int, before: Before) -> bool:
    both = before.withheld & set(hidden)
    if not both:
        return True
    return len(both) >= 2 and sum(min(parts[name], before.parts[name]) for name in both) >= k
