"""The stored record of an amount's calculation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from solidary.language.records import Record


class StepRecord(Record):
    """One step of a calculation: its name, its result, and the facts that it was calculated from."""

    name: str
    result: str
    facts: dict[str, str] = Field(default_factory=dict)


class CalculationRecord(Record):
    """The steps by which an amount was calculated."""

    version: Literal[1] = 1
    steps: list[StepRecord]
