"""The projection of the demand counts that intake publishes."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.language.events import Envelope
from solidary.language.events.intake import DemandCounted
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import projects
from sqlalchemy import insert

from planning.territory.demand.models import Demand

TABLES = {"published.demand": "report"}


@projects(DemandCounted)
async def store_counts(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Store the cells of each report."""
    rows = [
        {
            "report": event.report_id,
            "line": line,
            "period_start": event.period_start,
            "period_end": event.period_end,
            "people": cell.count,
            **cell.model_dump(exclude={"count"}),
        }
        for event in (envelope.event for envelope in envelopes)
        if isinstance(event, DemandCounted)
        for line, cell in enumerate(event.cells)
    ]
    if rows:
        await unit.session.execute(insert(Demand), rows)
