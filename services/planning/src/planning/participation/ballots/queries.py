"""How many voted, and what the ballots of a round say, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Row, func, select

from planning.participation.ballots.models import Ballot
from planning.participation.plans.models import Plan


async def turnout(unit: UnitOfWork, plan: Plan) -> Sequence[Row[str, str, int]]:
    """Community, channel and number of ballots."""
    counted = (
        select(Ballot.community, Ballot.channel, func.count().label("ballots"))
        .where(Ballot.root == plan.id, Ballot.round == plan.round)
        .group_by(Ballot.community, Ballot.channel)
        .order_by(Ballot.community, Ballot.channel)
    )
    return (await unit.session.execute(counted)).all()


async def tally(unit: UnitOfWork, plan: Plan) -> Sequence[Row[str, list[UUID], int]]:
    """Community, approvals and how many ballots say just that."""
    counted = (
        select(Ballot.community, Ballot.approvals, func.count())
        .where(Ballot.root == plan.id, Ballot.round == plan.round)
        .group_by(Ballot.community, Ballot.approvals)
        .order_by(Ballot.community, Ballot.approvals)
    )
    return (await unit.session.execute(counted)).all()
