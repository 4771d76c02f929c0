"""Centres, and their public copies, which a trigger of the database keeps."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Aggregate, Published, RecordColumn, Updated
from sqlalchemy.orm import Mapped, mapped_column

from intake.centres.places.records import CentreRecord


class Centre(Aggregate, Updated):
    """A centre of an agency."""

    __tablename__ = "centre"
    __location__ = "/centres/{id}"

    code: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    area: Mapped[str]
    is_open: Mapped[bool]
    details: Mapped[CentreRecord] = mapped_column(RecordColumn(CentreRecord))


class PublishedCentre(Published):
    """The public copy of a centre. The service can read it only."""

    __tablename__ = "centre"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    area: Mapped[str]
    is_open: Mapped[bool]
    details: Mapped[CentreRecord] = mapped_column(RecordColumn(CentreRecord))
