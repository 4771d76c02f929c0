"""Attack: ask for more than an answer needs."""

from __future__ import annotations

import httpx
import pytest
from solidary.platform.identity import Duty
from solidary.platform.web.cursors import encode_cursor

QUERY = {"need": "education"}


@pytest.fixture
def ask(scenario_run, tokens):
    """Ask for suggestions with parameters of the URL."""
    headers = tokens.of("unhcr", Duty.CASE_WORKER)
    url = f"{scenario_run.run.services['referrals']}/suggestions"
    return lambda **params: httpx.post(url, json=QUERY, params=params, headers=headers, timeout=60)


@pytest.mark.parametrize("limit", [0, 51, 1_000_000, -1])
def test_number_of_suggestions_is_bounded(ask, limit):
    answer = ask(limit=limit)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: limit")


@pytest.mark.parametrize("position", [-1, 10**12, "x", [1, 2]])
def test_forged_cursor_of_suggestions_is_refused(ask, position):
    answer = ask(after=encode_cursor(position))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: after")


def test_position_after_the_last_suggestion_is_an_empty_page(ask):
    answer = ask(after=encode_cursor(9_999_999))
    assert (answer.json()["items"], answer.json()["more"]) == ([], 0)
