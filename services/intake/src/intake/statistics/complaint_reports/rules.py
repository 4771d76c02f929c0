"""The count of reports of discrimination by area and kind, and what of it may be published (docs/using/counts.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from solidary.files.counts import CountTable, View, build_count_table

VIEWS: tuple[View, ...] = (("area", "kind"),)


class ReportedGroup(NamedTuple):
    """The number of reports of one kind in one area."""

    area: str
    kind: str
    reports: int


def count_reports(
    groups: Iterable[ReportedGroup],
    *,
    areas: Sequence[str],
    kinds: Sequence[str],
    k: int,
    previous: Sequence[CountTable] = (),
) -> CountTable:
    """Count the reports of a month: in all, by area, and by kind in each area; figures below k are withheld."""
    rows = chain.from_iterable(
        repeat({"area": each.area, "kind": each.kind}, each.reports) for each in groups
    )
    return build_count_table(rows, VIEWS, {"area": areas, "kind": kinds}, k=k, previous=previous)
