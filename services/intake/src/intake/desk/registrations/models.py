"""Registrations, by the id that the desk gave them."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column


class Registration(AgencyEntity):
    """A registration of a household (`root`).

    `client_id` is the id that the desk gave it; `request_digest` is a keyed digest of the request.
    """

    __tablename__ = "registration"

    client_id: Mapped[UUID]
    request_digest: Mapped[bytes]
    members: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
