"""Queries of the demand in a Territorial Intervention Unit."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.territory.demand.models import Demand
from planning.territory.tius.models import Tiu

MAX_LINES = 1000


async def demand_in(unit: UnitOfWork, tiu: Tiu) -> Sequence[Demand]:
    """Return the counts of the unit and of the area in which it lies, the latest period first."""
    return (
        await unit.session.scalars(
            select(Demand)
            .where(Demand.area.in_((tiu.area, str(tiu.id))))
            .order_by(Demand.period_end.desc(), Demand.report, Demand.line)
            .limit(MAX_LINES)
        )
    ).all()
