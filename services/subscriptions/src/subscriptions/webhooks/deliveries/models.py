"""The delivery of one event to one webhook."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column


class Delivery(AgencyEntity):
    """The delivery of one event to a webhook, which is its `root`. Neither the event nor the answer is part of it."""

    __tablename__ = "delivery"

    position: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID]
    type: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due: Mapped[timestamp]
    leased_until: Mapped[timestamp | None]
    lease: Mapped[UUID | None]
    status: Mapped[int | None]
    failure: Mapped[str | None]
    delivered: Mapped[timestamp | None]
