"""The sentences of the commands about an instance, without a server."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from operations.instance_cli import describe_health, due_reviews

READY = {
    "status": "ready",
    "oldest_unsent_seconds": None,
    "parked_keys": 0,
    "waiting_jobs": 1,
    "failed_jobs": 0,
    "lag": {"reactions": {"events": 2, "measured_seconds_ago": 4.0}},
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "Serves; 2 events to handle, 1 job waiting."),
        ({"parked_keys": 1}, "Serves, but: 1 key parked."),
        ({"failed_jobs": 2}, "Serves, but: 2 jobs failed."),
        ({"oldest_unsent_seconds": 300.0}, "Serves, but: an event waits for the relay since 300 s."),
        (
            {"lag": {"reactions": {"events": 0, "measured_seconds_ago": 99.0}}},
            "Serves, but: no worker measures reactions.",
        ),
        ({"status": "database unavailable"}, "Does not serve: database unavailable."),
    ],
)
def test_health_in_words(change: dict[str, Any], sentence: str) -> None:
    assert describe_health({**READY, **change}) == (sentence, not change)


def test_every_statement_that_no_lawyer_has_confirmed_is_due() -> None:
    due = due_reviews("PA", 12, date(2026, 12, 1))
    assert {"pathways.pa-asylum", "rails.ach", "data_protection"} <= {each["place"] for each in due}
