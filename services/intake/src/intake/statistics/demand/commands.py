"""The publication of a month's demand."""

from __future__ import annotations

from solidary.language.country import CountryPack
from solidary.language.events.intake import DemandCounted
from solidary.platform.database import UnitOfWork

from intake.statistics.demand.counting import needs_by_group, people_by_group, published_tables
from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.records import CellsRecord, TablesRecord
from intake.statistics.demand.rules import DemandFigures, calendar_month, count_demand


async def publish(unit: UnitOfWork, country: CountryPack, period: str) -> DemandReport:
    """Publish the demand of a month that is over. Raises Invalid; the database refuses a second time."""
    first, last = calendar_month(period, unit.now.astimezone(country.zone()).date())
    previous = await published_tables(unit)
    figures = count_demand(
        await needs_by_group(unit, first, last),
        await people_by_group(unit, last),
        country=country.code,
        k=country.publication.k,
        previous=previous,
    )
    report = DemandReport(
        period_start=first,
        period_end=last,
        k=country.publication.k,
        cells=CellsRecord.of(figures.cells),
        withheld=figures.withheld,
        tables=TablesRecord.of(figures.tables),
    )
    unit.add(report)
    unit.publish(_event(report, figures))
    await unit.flush()
    return report


def _event(report: DemandReport, figures: DemandFigures) -> DemandCounted:
    return DemandCounted(
        report_id=report.id,
        period_start=report.period_start,
        period_end=report.period_end,
        k=report.k,
        cells=list(figures.cells),
        withheld=figures.withheld,
    )
