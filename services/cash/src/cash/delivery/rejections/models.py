"""The entities of rejections."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column


class ConfirmedRejection(AgencyEntity):
    """The consent of a person that the rejected payments of a plan have failed. Its root is the plan."""

    __tablename__ = "confirmed_rejection"

    confirmed_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    payment_count: Mapped[int]
    reason: Mapped[str]
