"""The events that concern the agency, in order, from a position that the caller keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_EVENTS = 1000
WAIT_SECONDS = 30


@dataclass(frozen=True)
class Batch:
    """Events of the feed, and the position after them: keep it together with what you made of them."""

    events: list[dict[str, Any]]
    position: str
    has_more: bool

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Batch:
        """Return the batch of an answer of the feed."""
        return cls(answer["items"], answer["next"], answer["has_more"])


def parameters(after: str | None, types: Sequence[str], wait: int) -> dict[str, Any]:
    """Return the query of the next batch."""
    query: dict[str, Any] = {"limit": MAX_EVENTS, "wait": wait, "type": list(types)}
    return query if after is None else {**query, "after": after}
