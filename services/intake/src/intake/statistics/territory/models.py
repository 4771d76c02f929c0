from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Published
from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column


class Tiu(Published):
    """A Territorial Intervention Unit: its public name, the area it lies in, and its grid cells."""

    __tablename__ = "tiu"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str]
    area: Mapped[str]
    cells: Mapped[list[str]] = mapped_column(ARRAY(Text))
