"""The entities of reviews."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column


class FlaggedPaymentDecision(AgencyEntity):
    """A checker's decision on a flagged payment, with a reason. Its root is the plan; the newest one counts."""

    __tablename__ = "flag_decision"

    payment_id: Mapped[UUID]
    flag: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
