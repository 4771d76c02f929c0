"""One breakdown of a published figure: which of its parts must be withheld together.

The parts add up to a figure that everybody sees, so what is withheld adds up to a known rest R. With two
parts or more withheld, each of them may be anything from 0 to R: nothing is learned beyond R itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def withhold(
    parts: Mapping[str, int],
    k: int,
    never: Collection[str] = (),
    earlier: Sequence[Mapping[str, int]] = (),
) -> frozenset[str]:
    """The parts to withhold: those below k or in `never`, and then the smallest of the others, until

    - of what each table in `earlier` withheld enough stays withheld: two parts, with k people in that table
      and in this one. Each gives the parts that no table has shown since, and their counts then; of a rest
      of which all parts but one are shown later, that one can be worked out;
    - at least two are withheld, and together they hold at least k people;
    - somebody who takes all of them to be below k still finds each within k/2 at best.

    Where not so many people are left, all that was withheld until now stays so. A breakdown with one possible
    part is the figure itself, and withholds nothing.
    """
    if len(parts) < 2:
        return frozenset()
    hidden = {name for name, count in parts.items() if count < k or name in never}
    smallest = sorted(parts, key=lambda name: (parts[name], name))
    for then in earlier:
        for name in smallest:
            if _still_enough(hidden, parts, k, then):
                break
            if name in then:
                hidden.add(name)
    shown = [name for name in smallest if name not in hidden]
    while hidden and shown and not _enough(hidden, parts, k):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def _enough(hidden: Collection[str], parts: Mapping[str, int], k: int) -> bool:
    rest = sum(parts[name] for name in hidden)
    if len(hidden) < 2 or rest < k:
        return False
    all_small = all(parts[name] < k for name in hidden)
    return not all_small or rest <= len(hidden) * (k - 1) - k // 2


def _still_enough(hidden: set[str], parts: Mapping[str, int], k: int, then: Mapping[str, int]) -> bool:
    both = then.keys() & hidden
    return len(both) >= 2 and sum(min(parts[name], then[name]) for name in both) >= k
