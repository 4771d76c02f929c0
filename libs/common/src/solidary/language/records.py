"""The base of what a service stores inside a JSON or encrypted column.

A record has its own class in a concept's `records.py`, apart from the API's schemas, so that a renamed API field or a
stricter validation never makes a stored row unreadable. A new form is a new class with the next version; the old one
stays for as long as a row holds it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Plain values as they are stored. The outermost record of a column has `version: Literal[1] = 1`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
