"""The base of everything a country pack holds: frozen, and strict about what it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class PackEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
