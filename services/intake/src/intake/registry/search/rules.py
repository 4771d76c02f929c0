"""The limits of a search."""

from __future__ import annotations

PROBABLE_SCORE = 0.5
"""From this score on two records are more likely one person than two."""

MAXIMUM_SHOWN = 20
YEAR_TOLERANCE = 1
"""A search finds a person whose year of birth was recorded one year off."""
