"""Lists of market assessments."""

from __future__ import annotations

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select

from market.study.assessments.models import Assessment


def assessments(unit: UnitOfWork) -> Select[Assessment]:
    """Select the assessments of the acting agency, and those that it leads as a municipality."""
    agency = unit.principal.agency
    shared = select(Share.root).where(Share.agency == agency)
    return select(Assessment).where(or_(Assessment.agency == agency, Assessment.id.in_(shared)))
