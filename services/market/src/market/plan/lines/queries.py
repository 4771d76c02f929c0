"""Lists of plan lines."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from market.plan.lines.models import PlanLine


def plan_lines(assessment_id: UUID) -> Select[PlanLine]:
    """Select the plan lines of an assessment."""
    return select(PlanLine).where(PlanLine.assessment_id == assessment_id)
