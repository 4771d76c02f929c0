"""The demand report: tables of counts made from groups of people (docs/using/counts.md)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat

from solidary.files.counts import CountTable, View, build_count_table
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.people import AgeBand, PopulationGroup, Sex
from solidary.language.events.intake import CountedCell
from solidary.language.problems import Fault, Invalid

VIEWS: tuple[View, ...] = (("area", "population_group"), ("sex", "age_band"))
UNKNOWN = "unknown"
"""The code of an age band or a sex that is not known."""


@dataclass(frozen=True)
class CountedGroup:
    """The number of people with the same values in every dimension. `category` is None for any need."""

    category: str | None
    area: str
    population_group: str
    sex: str
    age_band: str
    people: int

    @property
    def row(self) -> dict[str, str]:
        """The values of the dimensions."""
        return {
            "area": self.area,
            "population_group": self.population_group,
            "sex": self.sex,
            "age_band": self.age_band,
        }


@dataclass(frozen=True)
class DemandFigures:
    """The published figures, the number of withheld ones, and the tables, which later reports need."""

    cells: tuple[CountedCell, ...]
    withheld: int
    tables: Mapping[str, CountTable]


def calendar_month(period: str, today: date) -> tuple[date, date]:
    """Return the first and last day of a calendar month that is over (`2026-10`). Raises Invalid."""
    if not (found := re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", period)):
        raise Invalid("The period is not a month.", Fault("/period", "Write a month as in 2026-10."))
    year, number = map(int, found.groups())
    last = date(year, number, monthrange(year, number)[1])
    if last >= today:
        raise Invalid("The month is not over yet.", Fault("/period", f"This month ends on {last}."))
    return last.replace(day=1), last


def count_demand(
    needs: Iterable[CountedGroup],
    population: Sequence[CountedGroup],
    *,
    country: str,
    k: int,
    previous: Sequence[Mapping[str, CountTable]] = (),
) -> DemandFigures:
    """Count the demand of a month: one table for each category of need, with every value that its cells can have.

    `population` are all registered people, by whom homogeneity is judged: where nearly everybody of a group has a
    need, the count would disclose it for each of them. `previous` are the tables of all reports published before.
    """
    by_category: dict[str, list[CountedGroup]] = {category: [] for category in NeedCategory}
    for group in needs:
        by_category.setdefault(group.category or UNKNOWN, []).append(group)
    domains: dict[str, Sequence[str]] = {
        "area": sorted({group.area for group in population}),
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
            population=_rows(population),
            previous=[tables[category] for tables in previous if category in tables],
        )
        for category, groups in by_category.items()
    }
    cells = chain.from_iterable(_cells(table, category, country) for category, table in tables.items())
    return DemandFigures(tuple(cells), sum(len(table.withheld) for table in tables.values()), tables)


def _rows(groups: Iterable[CountedGroup]) -> Iterator[dict[str, str]]:
    return chain.from_iterable(repeat(group.row, group.people) for group in groups)


def _cells(table: CountTable, category: str, country: str) -> Iterator[CountedCell]:
    """Yield the figures of a table as the event has them; the total of all areas has the country as its area."""
    for where, people in sorted(table.published.items()):
        dimensions = dict(where)
        if dimensions.get("sex") != UNKNOWN:
            yield CountedCell.model_validate(
                {"area": country, "category": category, "count": people} | dimensions
            )
