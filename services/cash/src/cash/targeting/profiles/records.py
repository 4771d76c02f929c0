"""The stored record of a household's profile."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field
from solidary.language.records import Record


class ProfileRecord(Record):
    """A household in codes. Amounts are per month, in minor units of `currency`.

    `profile_version` is intake's version of the profile, `payout_version` that of the account, which stays in intake;
    it is 0 while no account is known.
    """

    version: Literal[1] = 1
    household_id: UUID
    profile_version: int
    payout_version: int
    size: int
    age_bands: dict[str, int] = Field(default_factory=dict)
    disability: int = 0
    shelter: str | None = None
    area: str
    own_income: int = 0
    other_aid: int = 0
    currency: str
