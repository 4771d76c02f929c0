"""The means of indicators over cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean


def mean_indicators(cells: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each indicator over the cells that have it, by code."""
    codes = sorted({code for indicators in cells for code in indicators})
    return {code: fmean(indicators[code] for indicators in cells if code in indicators) for code in codes}
