"""A month's demand is counted, and told to whoever plans."""

from __future__ import annotations

from uuid import uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import DemandCounted
from solidary.platform.database import UnitOfWork

from intake.statistics.demand import rules
from intake.statistics.demand.counting import came, everybody, published_before
from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.rules import Report


async def publish(unit: UnitOfWork, pack: CountryPack, period: str) -> DemandReport:
    """Publishes a month that is over. A second time the database refuses it."""
    first, last = rules.month(period, unit.now.astimezone(pack.zone()).date())
    before = await published_before(unit)
    counted = rules.count(
        await came(unit, first, last),
        await everybody(unit, last),
        country=pack.code,
        k=pack.publication.k,
        previous=[rules.read_all(tables) for tables in before],
    )
    id_ = uuid4()
    report = DemandReport(
        id=id_,
        root=id_,
        period_start=first,
        period_end=last,
        k=pack.publication.k,
        cells=[cell.model_dump(mode="json") for cell in counted.cells],
        withheld=counted.withheld,
        tables={category: rules.kept(table) for category, table in counted.tables.items()},
    )
    unit.add(report)
    unit.publish(_told(report, counted))
    await unit.flush()
    return report


def _told(report: DemandReport, counted: Report) -> DemandCounted:
    return DemandCounted(
        report_id=report.id,
        period_start=report.period_start,
        period_end=report.period_end,
        k=report.k,
        cells=list(counted.cells),
        withheld=counted.withheld,
    )
