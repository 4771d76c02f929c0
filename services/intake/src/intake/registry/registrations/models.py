from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column


class Registration(AgencyEntity):
    """`root` is the household; `client_id` the id that the desk gave it; `said` a keyed digest of what it sent."""

    __tablename__ = "registration"

    client_id: Mapped[UUID]
    said: Mapped[bytes]
    members: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
