"""Allocating a budget: the ballots of a city take a while to count in exact arithmetic."""

from __future__ import annotations

import asyncio
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work

from planning.budget.allocations import commands

jobs = Jobs()


async def ask_to_allocate(unit: UnitOfWork, plan_id: UUID) -> Work:
    """Raises NotFound and NotAllowed, before any work."""
    await commands.may_allocate(unit, plan_id)
    return await start_work(unit, allocate, result=f"/plans/{plan_id}/allocation", plan_id=str(plan_id))


@jobs.long(lock="plan_id")
async def allocate(unit: UnitOfWork, progress: Progress, plan_id: str) -> None:
    """Read, count, write: no transaction is open while it counts. Progress is in rounds of add1."""
    async with progress.aside() as reading:
        election = await commands.election(reading, UUID(plan_id))
    choice = await asyncio.to_thread(election.choose, progress.reporter())
    await commands.allocate(unit, UUID(plan_id), election.round, choice)
