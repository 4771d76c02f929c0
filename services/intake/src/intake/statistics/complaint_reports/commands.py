"""The publication of a month's reports of discrimination."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from solidary.language.country import CountryPack
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import select

from intake.centres.places.models import Centre
from intake.statistics.complaint_reports.models import ComplaintReport
from intake.statistics.complaint_reports.records import ReportRecord
from intake.statistics.complaint_reports.rules import ReportedGroup, count_reports
from intake.statistics.complaint_reports.statements import REPORTS_BY_GROUP
from intake.statistics.demand.records import TableRecord
from intake.statistics.demand.rules import calendar_month


async def publish(unit: UnitOfWork, country: CountryPack, period: str) -> ComplaintReport:
    """Publish a month that is over. Raises Invalid; the database refuses a second time.

    A second publication waits until the first ends: each has to consider what the other discloses.
    """
    first, last = calendar_month(period, unit.today)
    agency = unit.principal.agency
    await lock_by_name(unit, f"complaint report {agency}")
    kinds = [code for code, kind in country.complaints.kinds.items() if kind.discrimination]
    midnight = time(tzinfo=country.zone())
    values = {
        "agency": agency,
        "first": datetime.combine(first, midnight),
        "end": datetime.combine(last + timedelta(days=1), midnight),
        "kinds": kinds,
    }
    groups = [ReportedGroup(*row) for row in await unit.session.execute(REPORTS_BY_GROUP, values)]
    areas = set(await unit.session.scalars(select(Centre.area).where(Centre.agency == agency).distinct()))
    earlier = select(ComplaintReport.content).where(ComplaintReport.agency == agency)
    previous = await unit.session.scalars(earlier.order_by(ComplaintReport.created, ComplaintReport.id))
    table = count_reports(
        groups,
        areas=sorted(areas | {each.area for each in groups}),
        kinds=kinds,
        k=country.publication.k,
        previous=[record.table.to_table() for record in previous],
    )
    report = ComplaintReport(
        period_start=first,
        period_end=last,
        k=table.k,
        withheld=len(table.withheld),
        content=ReportRecord(table=TableRecord.of(table)),
    )
    unit.add(report)
    await unit.flush()
    return report
