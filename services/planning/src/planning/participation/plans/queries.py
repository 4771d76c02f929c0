"""Queries of plans."""

from __future__ import annotations

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select

from planning.participation.plans.models import Plan


def list_plans(unit: UnitOfWork) -> Select[Plan]:
    """Return the query of the agency's plans and of those that it works on."""
    agency = unit.principal.agency
    shared = select(Share.root).where(Share.agency == agency)
    return select(Plan).where(or_(Plan.agency == agency, Plan.id.in_(shared)))
