"""Base classes, column types and metadata of the mapped tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid, text
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True))]
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


_metadata = defaultdict[str, MetaData](lambda: MetaData(schema="data", naming_convention=NAMING))


def metadata_of(package: str) -> MetaData:
    """Return the tables of one package's models: of a service by its name, of the platform itself by `solidary`."""
    return _metadata[package]


class Entity(AsyncAttrs, DeclarativeBase):
    """The base of all mapped classes, in the schema `data` unless a class names another one.

    Each service's tables are a collection of their own: two services may both have a table `need`, also where one
    process imports both (the tests, the platform on one machine).
    """

    metadata = _metadata["solidary"]
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), UUID: Uuid(), str: Text()}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.metadata = _metadata[cls.__module__.partition(".")[0]]
        super().__init_subclass__(**kwargs)


class AgencyEntity(Entity):
    """A row that belongs to an agency.

    `agency` is the owner, which the database takes from the scope; `root` is the aggregate that the row belongs to,
    by which shares are given. The database refuses a change of either.
    """

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    agency: Mapped[UUID] = mapped_column(server_default=text("current_setting('app.agency')::uuid"))
    root: Mapped[UUID] = mapped_column()
    created: Mapped[timestamp] = mapped_column(server_default=text("clock_timestamp()"))


class RecordedBy:
    """A mixin for rows whose writer the code reads: the subject who added the row, as the database takes it.

    Every table under `guard` has the column; only models that read it need the mixin.
    """

    recorded_by: Mapped[UUID] = mapped_column(server_default=text("current_setting('app.subject')::uuid"))


class Updated:
    """A mixin for rows that change: the time of the last change, as the database takes it, and None before it.

    The table's revision calls `record_updates` (solidary.platform.database.migrations).
    """

    updated: Mapped[timestamp | None]


class Aggregate(AgencyEntity):
    """A row that is the root of its aggregate: its `id` and its `root` are one value.

    `__location__` is the path at which the API shows it, with `{id}`: `location` fills it in.
    """

    __abstract__ = True
    __location__: ClassVar[str]

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", uuid4())
        super().__init__(**{"root": values["id"], **values})

    @property
    def location(self) -> str:
        """The path of this aggregate, as a `Location` header gives it."""
        return self.__location__.format(id=self.id)


class Published(Entity):
    """A public row: in the schema `published`, without agency scope."""

    __abstract__ = True
    __table_args__ = {"schema": "published"}  # noqa: RUF012
