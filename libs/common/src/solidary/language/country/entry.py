"""The base class of the entries of a country pack."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class PackEntry(BaseModel):
    """An entry of a country pack. It is immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
