"""From groups of alike people to a report that may be published (docs/using/counts.md)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat
from typing import Any

from solidary.files.counts import CellKey, CountTable, View, build_count_table
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.people import AgeBand, PopulationGroup, Sex
from solidary.language.events.intake import CountedCell
from solidary.language.problems import Fault, Invalid

VIEWS: tuple[View, ...] = (("area", "population_group"), ("sex", "age_band"))
UNKNOWN = "unknown"
"""An age band or a sex that was not said."""


@dataclass(frozen=True)
class Alike:
    """So many people, alike in all that is counted. `category` None: whatever they came for."""

    category: str | None
    area: str
    population_group: str
    sex: str
    age_band: str
    people: int

    @property
    def row(self) -> dict[str, str]:
        return {
            "area": self.area,
            "population_group": self.population_group,
            "sex": self.sex,
            "age_band": self.age_band,
        }


@dataclass(frozen=True)
class Report:
    """What is published, how many figures are not, and the tables, which stay here for the reports that follow."""

    cells: tuple[CountedCell, ...]
    withheld: int
    tables: Mapping[str, CountTable]


def month(said: str, today: date) -> tuple[date, date]:
    """The first and last day of a calendar month that is over: `2026-10`. Raises Invalid."""
    if not (found := re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", said)):
        raise Invalid("not a month", Fault("/period", "is written like 2026-10"))
    year, number = map(int, found.groups())
    last = date(year, number, monthrange(year, number)[1])
    if last >= today:
        raise Invalid("only a month that is over is counted", Fault("/period", f"ends on {last}"))
    return last.replace(day=1), last


def count(
    came: Iterable[Alike],
    everybody: Sequence[Alike],
    *,
    country: str,
    k: int,
    previous: Sequence[Mapping[str, CountTable]] = (),
) -> Report:
    """The report of a month: one table per category, each with all that could be in it.

    `everybody` are all people that are known, by whom homogeneity is judged: where nearly everybody of a group
    has a need, the count would tell it of each. `previous` are the tables of all reports published before.
    """
    by_category: dict[str, list[Alike]] = {category: [] for category in NeedCategory}
    for group in came:
        by_category.setdefault(group.category or UNKNOWN, []).append(group)
    domains: dict[str, Sequence[str]] = {
        "area": sorted({group.area for group in everybody}),
        "population_group": list(PopulationGroup),
        "sex": list(Sex),
        "age_band": [*AgeBand, UNKNOWN],
    }
    tables = {
        category: build_count_table(
            _rows(groups),
            VIEWS,
            domains,
            k=k,
            population=_rows(everybody),
            previous=[tables[category] for tables in previous if category in tables],
        )
        for category, groups in by_category.items()
    }
    cells = chain.from_iterable(_cells(table, category, country) for category, table in tables.items())
    return Report(tuple(cells), sum(len(table.withheld) for table in tables.values()), tables)


def _rows(groups: Iterable[Alike]) -> Iterator[dict[str, str]]:
    return chain.from_iterable(repeat(group.row, group.people) for group in groups)


def _cells(table: CountTable, category: str, country: str) -> Iterator[CountedCell]:
    """Figures as the event has them; what was summed over is left out, all areas together are the country."""
    for where, people in sorted(table.published.items()):
        said = dict(where)
        if said.get("sex") != UNKNOWN:
            yield CountedCell.model_validate({"area": country, "category": category, "count": people} | said)


def kept(table: CountTable) -> dict[str, Any]:
    """A table as JSON, for the reports that follow."""
    return {
        "k": table.k,
        "published": [[list(map(list, where)), people] for where, people in table.published.items()],
        "withheld": [[list(map(list, where)), people] for where, people in table.withheld.items()],
    }


def read(kept: Mapping[str, Any]) -> CountTable:
    """A table as it was kept."""
    return CountTable(kept["k"], _figures(kept["published"]), _figures(kept["withheld"]))


def read_all(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, CountTable]:
    """A report's tables, by category."""
    return {category: read(table) for category, table in kept.items()}


def _figures(pairs: Iterable[tuple[Iterable[tuple[str, str]], int]]) -> dict[CellKey, int]:
    return {tuple((name, value) for name, value in where): people for where, people in pairs}
