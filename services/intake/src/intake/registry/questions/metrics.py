"""The counters of questions about strangers, for the operator's alarms."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.telemetry import Counter

QUESTIONS = Counter("solidary.questions", "{question}", "Questions about strangers")
UNUSUAL = Counter(
    "solidary.questions.unusual", "{person}", "Colleagues whose questions of a day are unusually many"
)


def count_question(agency: UUID, *, is_unusual: bool) -> None:
    """Count a question of an agency, and whether it is the one with which a colleague's use becomes unusual."""
    attributes = {"solidary.agency": str(agency)}
    QUESTIONS.add(attributes)
    if is_unusual:
        UNUSUAL.add(attributes)
