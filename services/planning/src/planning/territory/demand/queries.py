"""Demand in a unit of intervention."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.territory.demand.models import Demand
from planning.territory.units.models import Tiu


async def demand_in(unit: UnitOfWork, tiu: Tiu) -> Sequence[Demand]:
    """What was counted for the unit itself and for the area it lies in: the latest period first."""
    return (
        await unit.session.scalars(
            select(Demand)
            .where(Demand.area.in_((tiu.area, str(tiu.id))))
            .order_by(Demand.period_end.desc(), Demand.report, Demand.line)
            .limit(1000)
        )
    ).all()
