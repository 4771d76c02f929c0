"""Cities and their areas and cells, which are public, and cities that wait to be imported."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import AgencyEntity, Published, timestamp
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class City(Published):
    """A city. `steward` is the agency that imported it, and the only one that may import it again."""

    __tablename__ = "city"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    pcode: Mapped[str]
    steward: Mapped[UUID]
    imported: Mapped[timestamp]


class Dataset(Published):
    """The source of a city's areas, cells and indicators: one for each import."""

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
    """A cell of the city's grid; `geometry` is WKB in WGS 84, `indicators` maps codes to values."""

    __tablename__ = "cell"

    city: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    geometry: Mapped[bytes]
    indicators: Mapped[dict[str, float]] = mapped_column(JSONB)
    dataset: Mapped[UUID]


class CellMap(Published):
    """The cells of an area as a GeoJSON feature collection, packed by gzip. Each import makes it anew."""

    __tablename__ = "cell_map"

    city: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str]
    body: Mapped[bytes]


class CityUpload(AgencyEntity):
    """A request to import a city as it arrived (packed by `solidary.platform.jobs.compress`), until it is imported."""

    __tablename__ = "city_upload"

    body: Mapped[bytes]
