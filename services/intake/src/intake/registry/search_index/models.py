"""The tokens of the search index."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Entity
from sqlalchemy.orm import Mapped, mapped_column


class SearchToken(Entity):
    """The keyed token of one search key of one person (`root`), compared for equality."""

    __tablename__ = "search_token"

    agency: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(primary_key=True)
    root: Mapped[UUID] = mapped_column(primary_key=True)
    is_strong: Mapped[bool]
