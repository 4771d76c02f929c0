"""The encrypted record of what a person or the agency wrote about a complaint."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class ComplaintText(Record):
    """A text of a complaint's history. `contact` is what a person left of themselves, in their own words."""

    version: Literal[1] = 1
    text: str
    contact: str | None = None
