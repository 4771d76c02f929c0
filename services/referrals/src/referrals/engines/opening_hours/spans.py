"""Spans of time: joined where they touch, and cut by others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

Span = tuple[datetime, datetime]
"""From, included, to, not included. Both in UTC: Python compares two times of one zone by the wall clock."""


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same times in order, with spans that overlap or touch made one."""
    result: list[Span] = []
    for begins, ends in sorted(spans):
        if result and begins <= result[-1][1]:
            result[-1] = result[-1][0], max(result[-1][1], ends)
        else:
            result.append((begins, ends))
    return result


def without(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of joined spans, in order, when the times of `taken` are cut out."""
    cuts = joined(taken)
    left = []
    for begins, ends in spans:
        first = bisect_right(cuts, begins, key=lambda cut: cut[1])
        last = bisect_left(cuts, ends, key=lambda cut: cut[0])
        for cut_begins, cut_ends in cuts[first:last]:
            if begins < cut_begins:
                left.append((begins, cut_begins))
            begins = max(begins, cut_ends)
        if begins < ends:
            left.append((begins, ends))
    return left
