from __future__ import annotations

from datetime import date

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped


class Guidance(AgencyEntity):
    """`root` is the person. `review` is how far the route's statements were reviewed when it was explained."""

    __tablename__ = "guidance"

    route: Mapped[str]
    language: Mapped[str]
    review: Mapped[str]
    deadline: Mapped[date | None]
