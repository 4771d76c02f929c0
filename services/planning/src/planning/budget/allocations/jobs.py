"""The job that allocates a budget: counting the ballots of a city in exact arithmetic takes a while."""

from __future__ import annotations

import asyncio
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work

from planning.budget.allocations import commands

jobs = Jobs()


async def request_allocation(unit: UnitOfWork, plan_id: UUID) -> Work:
    """Start the allocation of a plan's budget. Raises NotFound, TransitionNotAllowed."""
    await commands.require_allocatable(unit, plan_id)
    return await start_work(unit, allocate, result=f"/plans/{plan_id}/allocation", plan_id=str(plan_id))


@jobs.long(lock="plan_id")
async def allocate(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Allocate a plan's budget by its ballots. The progress is the number of add1 rounds.

    No transaction is open while the ballots are counted.
    """
    async with progress.separate_unit() as reading:
        election = await commands.read_election(reading, UUID(plan_id))
    selection = await asyncio.to_thread(election.select, progress.reporter())
    await commands.allocate_budget(unit, UUID(plan_id), election.round, selection)
