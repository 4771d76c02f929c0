"""What tables are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, MetaData, Uuid, text
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""A point in time, with its zone; stored in UTC."""

money = Annotated[int, mapped_column(BigInteger)]
"""An amount in minor units of its currency (ISO 4217)."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Entity(AsyncAttrs, DeclarativeBase):
    """Base of all mapped classes. `data` unless a class says otherwise."""

    metadata = MetaData(schema="data", naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), UUID: Uuid()}


class AgencyEntity(Entity):
    """A row that belongs to an agency.

    `agency` is the owner; `root` the aggregate that the row hangs on, by which shares are given. The database
    fills `agency` from the scope, and refuses to change either.
    """

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    agency: Mapped[UUID] = mapped_column(server_default=text("current_setting('app.agency')::uuid"))
    root: Mapped[UUID] = mapped_column()
    created: Mapped[moment] = mapped_column(server_default=text("now()"))


class Published(Entity):
    """A row that is public: without agency scope, in schema `published`."""

    __abstract__ = True
    __table_args__ = {"schema": "published"}  # noqa: RUF012
