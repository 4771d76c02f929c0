"""The entities of authorship."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column


class Authorship(AgencyEntity):
    """One writing of a part of what decides on a payment. `root` is the person, the household or the consent."""

    __tablename__ = "authorship"

    part: Mapped[str]
    author: Mapped[UUID]


class PayoutConfirmation(AgencyEntity):
    """The confirmation of a person's account, in one version, by somebody who did not write it."""

    __tablename__ = "payout_confirmation"

    payout_version: Mapped[int]
    confirmed_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
