"""The query of the log of a plan's rounds."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from planning.participation.polling.models import BallotEntry


def ballot_log(plan_id: UUID) -> Select[BallotEntry]:
    """Return the query of a plan's log, over all rounds."""
    return select(BallotEntry).where(BallotEntry.root == plan_id)
