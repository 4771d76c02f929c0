"""The command `pathways`, without the stack."""

from __future__ import annotations

import json

import pytest
from intake.__main__ import app
from typer.testing import CliRunner

run = CliRunner().invoke


def test_an_unavailable_language_is_refused() -> None:
    result = run(app, ["pathways", "PA", "--language", "fr"])
    assert result.exit_code == 2
    assert "Choose es or en." in result.stderr
    assert run(app, ["pathways", "PA", "--language", "en-TT"]).exit_code == 0


def test_an_entry_after_the_day_is_refused() -> None:
    result = run(app, ["pathways", "PA", "--entered", "2026-11-23", "--today", "2026-11-22"])
    assert result.exit_code == 2
    assert "--entered 2026-11-23 is after 2026-11-22" in result.stderr


def test_pathways_are_printed_with_their_deadline_and_their_review() -> None:
    result = run(app, ["pathways", "PA", "--entered", "2026-03-01", "--today", "2026-11-22", "--json"])
    assert result.exit_code == 0, result.output
    asylum = json.loads(result.stdout)[0]
    assert (asylum["timing"], asylum["last_day"], asylum["days_left"]) == ("passed", "2026-09-01", -82)
    assert asylum["review"] == "to_be_reviewed"
    text = run(app, ["pathways", "PA", "--entered", "2026-03-01", "--today", "2026-11-22"]).stdout
    assert "no significa que no tenga derecho" in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["XX"], "There is no country pack XX."),
        (["PA", "--on", "pa-nowhere"], "There is no pathway pa-nowhere."),
    ],
)
def test_an_unknown_country_or_pathway_is_refused(arguments: list[str], reason: str) -> None:
    result = run(app, ["pathways", *arguments])
    assert result.exit_code == 2
    assert reason in result.stderr
