"""The actions of a plan as they are stored in its public version."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class PublishedActionRecord(Record):
    """An action as it was when the plan was published."""

    title: str
    perspective: str
    cost_minor: int | None
    state: str
    reason: str | None


class PublishedActionsRecord(Record):
    """The actions of a published plan, in the order in which they were proposed."""

    version: Literal[1] = 1
    actions: tuple[PublishedActionRecord, ...]
