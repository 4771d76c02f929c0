"""Queries that count the ballots of a plan's round."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Row, func, select

from planning.participation.ballots.models import Ballot
from planning.participation.plans.models import Plan


async def turnout(unit: UnitOfWork, plan: Plan) -> Sequence[Row[str, str, int]]:
    """Return the number of counted ballots of the present round by community and channel."""
    counted = (
        select(Ballot.community, Ballot.channel, func.sum(Ballot.ballots))
        .where(Ballot.root == plan.id, Ballot.round == plan.round)
        .group_by(Ballot.community, Ballot.channel)
        .order_by(Ballot.community, Ballot.channel)
    )
    return (await unit.session.execute(counted)).all()


async def tally(unit: UnitOfWork, plan: Plan) -> Sequence[Row[str, list[UUID], int]]:
    """Return the number of equal ballots of the present round by community and approvals."""
    counted = (
        select(Ballot.community, Ballot.approvals, func.sum(Ballot.ballots))
        .where(Ballot.root == plan.id, Ballot.round == plan.round)
        .group_by(Ballot.community, Ballot.approvals)
        .order_by(Ballot.community, Ballot.approvals)
    )
    return (await unit.session.execute(counted)).all()
