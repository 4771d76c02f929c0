"""How far long work has come, as a row that a route and a page can show."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from solidary.database import AgencyEntity, UnitOfWork, moment


class Progress(AgencyEntity):
    """`done` of `total` (None while unknown), since `created`; `finished` with a `failure` or without."""

    __tablename__ = "progress"

    what: Mapped[str]
    done: Mapped[int]
    total: Mapped[int | None]
    finished: Mapped[moment | None]
    failure: Mapped[str | None]


async def report(unit: UnitOfWork, progress: UUID, done: int, *, finished: bool = False) -> None:
    """Says how far it is; visible when the unit commits."""
    row = await unit.lock(Progress, progress)
    row.done = done
    row.finished = unit.now if finished else None
