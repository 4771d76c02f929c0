"""Intervals of time: merged where they touch, and reduced by others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

Interval: TypeAlias = tuple[datetime, datetime]
"""From (included) and to (excluded), both in UTC: Python compares two times of one zone by the wall clock."""


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same times in order, with intervals that overlap or touch made one."""
    merged: list[Interval] = []
    for begins, ends in sorted(intervals):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], ends)
        else:
            merged.append((begins, ends))
    return merged


def subtract(intervals: Sequence[Interval], removed: Iterable[Interval]) -> list[Interval]:
    """Return the rest of merged intervals, in order, without the times of `removed`."""
    cuts = merge(removed)
    rest = []
    for begins, ends in intervals:
        first = bisect_right(cuts, begins, key=lambda cut: cut[1])
        last = bisect_left(cuts, ends, key=lambda cut: cut[0])
        for cut_begins, cut_ends in cuts[first:last]:
            if begins < cut_begins:
                rest.append((begins, cut_begins))
            begins = max(begins, cut_ends)
        if begins < ends:
            rest.append((begins, ends))
    return rest
