"""One breakdown of a published figure: the parts that must be withheld together.

The parts add up to a published figure, so the withheld parts add up to a remainder R that anybody can compute. When at
least two parts are withheld, each of them may be any number from 0 to R: nothing is disclosed but R itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def parts_to_withhold(
    parts: Mapping[str, int],
    k: int,
    never: Collection[str] = (),
    earlier: Sequence[Mapping[str, int]] = (),
) -> frozenset[str]:
    """Return the names of the parts to withhold.

    They are the parts below k, those in `never`, and then the smallest of the others, until these conditions hold:

    - For each table in `earlier`, at least two of the parts that it withheld are still withheld, with at least k people
      in that table and in this one. Each table gives the parts that no table has shown since, with their counts then.
      If all withheld parts of a remainder but one were shown later, that one could be computed.
    - At least two parts are withheld, and together they count at least k people.
    - Somebody who assumes that all withheld parts are below k can still narrow none of them to less than k/2.

    When too few people are left for the first condition, all parts that were withheld until now stay withheld. A
    breakdown with one possible part is the figure itself, and withholds nothing.
    """
    if len(parts) < 2:
        return frozenset()
    withheld = {name for name, count in parts.items() if count < k or name in never}
    smallest_first = sorted(parts, key=lambda name: (parts[name], name))
    for earlier_counts in earlier:
        for name in smallest_first:
            if _still_protects(withheld, parts, k, earlier_counts):
                break
            if name in earlier_counts:
                withheld.add(name)
    published = [name for name in smallest_first if name not in withheld]
    while withheld and published and not _protects(withheld, parts, k):
        withheld.add(published.pop(0))
    return frozenset(withheld)


def _protects(withheld: Collection[str], parts: Mapping[str, int], k: int) -> bool:
    remainder = sum(parts[name] for name in withheld)
    if len(withheld) < 2 or remainder < k:
        return False
    all_below_k = all(parts[name] < k for name in withheld)
    return not all_below_k or remainder <= len(withheld) * (k - 1) - k // 2


def _still_protects(
    withheld: set[str], parts: Mapping[str, int], k: int, earlier_counts: Mapping[str, int]
) -> bool:
    in_both = earlier_counts.keys() & withheld
    return len(in_both) >= 2 and sum(min(parts[name], earlier_counts[name]) for name in in_both) >= k
