"""The callers of planning's routes: each is a unit of work for a duty."""

from __future__ import annotations

from typing import Annotated

from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, shared

CityImporter = Annotated[UnitOfWork, agency(Duty.PLANNER, Duty.INTEGRATOR, Duty.OPERATOR)]
OwnPlanner = Annotated[UnitOfWork, agency(Duty.PLANNER)]
"""A planner, for what belongs to their own agency."""
PlanSharer = Annotated[UnitOfWork, agency(Duty.PLANNER, needs_code=True)]
"""A planner who lets another agency work on a plan."""
Planner = Annotated[UnitOfWork, shared(Duty.PLANNER)]
"""A planner of the plan's owner or of an agency that works on the plan."""
PlannerOrFacilitator = Annotated[UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR)]
Facilitator = Annotated[UnitOfWork, shared(Duty.FACILITATOR)]
CastingFacilitator = Annotated[UnitOfWork, shared(Duty.FACILITATOR, read_only=True)]
"""A facilitator who casts ballots; the route claims the Idempotency-Key itself, without a digest of the ballots."""
Authority = Annotated[UnitOfWork, agency(Duty.AUTHORITY)]
Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]
TurnoutReader = Annotated[UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.AUDITOR)]
