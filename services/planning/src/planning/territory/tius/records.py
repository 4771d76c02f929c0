"""The population of a unit as it is stored."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class PopulationRecord(Record):
    """People by self-declared community, and who counted them."""

    version: Literal[1] = 1
    by_community: dict[str, int]
    source: str
