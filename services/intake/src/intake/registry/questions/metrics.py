"""The counters of questions about strangers, for the operator's alarms.

They name no agency: the access log and the event `intake.question.unusual_use` do, to those who may read them.
"""

from __future__ import annotations

from solidary.platform.telemetry import Counter

QUESTIONS = Counter("solidary.questions", "{question}", "Questions about strangers")
UNUSUAL = Counter(
    "solidary.questions.unusual", "{person}", "Colleagues whose questions of a day are unusually many"
)


def count_question(*, is_unusual: bool) -> None:
    """Count a question, and whether it is the one with which a colleague's use becomes unusual."""
    QUESTIONS.add()
    if is_unusual:
        UNUSUAL.add()
