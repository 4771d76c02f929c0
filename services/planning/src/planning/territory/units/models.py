"""Cities, which are public, and units of intervention, which belong to the agency that drew them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from solidary.platform.database import AgencyEntity, Published, timestamp
from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class City(Published):
    """`steward` is the agency that brought the city in, and keeps it."""

    __tablename__ = "city"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    pcode: Mapped[str]
    steward: Mapped[UUID]
    imported: Mapped[timestamp]


class Dataset(Published):
    """Where a city's areas, cells and figures come from: one per import."""

    __tablename__ = "dataset"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    city: Mapped[str]
    title: Mapped[str]
    publisher: Mapped[str]
    url: Mapped[str | None]
    licence: Mapped[str]
    period: Mapped[str]
    synthetic: Mapped[bool]
    imported: Mapped[timestamp]


class Area(Published):
    """An administrative area, by its P-code; `geometry` is WKB in WGS 84."""

    __tablename__ = "area"

    city: Mapped[str] = mapped_column(primary_key=True)
    pcode: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    geometry: Mapped[bytes | None]
    dataset: Mapped[UUID]


class Cell(Published):
    """A cell of the city's grid with its indicators (code → value)."""

    __tablename__ = "cell"

    city: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    geometry: Mapped[bytes]
    indicators: Mapped[dict[str, float]] = mapped_column(JSONB)
    dataset: Mapped[UUID]


class Tiu(AgencyEntity):
    """A Territorial Intervention Unit: a neighbourhood, as an outline and the cells that it is made of."""

    __tablename__ = "tiu"

    city: Mapped[str]
    area: Mapped[str]
    label: Mapped[str]
    outline: Mapped[bytes]
    cells: Mapped[list[str]] = mapped_column(ARRAY(Text))
    population: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Upload(AgencyEntity):
    """A city as it was sent in (JSON, packed by `solidary.platform.jobs.pack`), until it is imported."""

    __tablename__ = "upload"

    body: Mapped[bytes]
