"""Spans of time: joined where they touch, and cut by others."""

from __future__ import annotations

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


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left of the spans, in order, when the times of `taken` are cut out."""
    left = list(spans)
    for begins, ends in taken:
        left = [part for span in left for part in _cut(span, begins, ends)]
    return left


def _cut(span: Span, begins: datetime, ends: datetime) -> list[Span]:
    if ends <= span[0] or span[1] <= begins:
        return [span]
    parts = [(span[0], begins), (ends, span[1])]
    return [part for part in parts if part[0] < part[1]]
