"""Attacks on what identifies people: a stolen copy of the rows, a weak secret, another agency's keys."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty

from tests.scenario.scanner import rows

BORN = "1987-06-05"
HOUSE, DISTRICT = "8a66e0d2a80ffff", "8966e0d2a83ffff"


@pytest.fixture
def intake(scenario_run, tokens):
    """A client of the running intake with a front desk's token."""
    headers = tokens.of("unhcr", Duty.FRONT_DESK)
    with httpx.Client(base_url=scenario_run.run.services["intake"], headers=headers, timeout=30) as client:
        yield client


def test_a_stolen_copy_of_the_rows_has_no_date_of_birth(scenario_run, intake):
    """Look for somebody by their birthday in a stolen copy of the database: only the year is in the open."""
    person = _register(intake, DISTRICT).json()["members"][0]["person_id"]
    text = " ".join(row for _, row in rows(scenario_run.run, "intake", "data") if person in row)
    assert person in text
    assert not [word for word in (BORN, BORN[:7], "Zenobia") if word in text]


def test_the_keys_are_not_among_the_rows(scenario_run, tokens):
    """Look for wrapped keys in a stolen backup of the rows, and read another agency's keys."""
    assert not [table for table, _ in rows(scenario_run.run, "intake", "data") if "key" in table]
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        with pytest.raises(psycopg.Error, match=r"app\.agency"):
            app.execute("SELECT * FROM keys.subject_key")
        app.rollback()
        app.execute("SELECT set_config('app.agency', %s, true)", (str(tokens.agency("manos-vecinas")),))
        assert app.execute("SELECT count(*) FROM keys.subject_key").fetchone() == (0,)


def test_a_cell_that_is_a_house_is_refused(scenario_run, intake, tokens):
    """Record a household at a cell that holds one building, as a desk or as software with a token."""
    refused = _register(intake, HOUSE)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/household/cell")
    registered = _register(intake, DISTRICT).json()
    moved = {"area": "PA110403", "cell": HOUSE}
    assert intake.put(f"/households/{registered['household_id']}", json=moved).status_code == 422
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        unhcr = str(tokens.agency("unhcr"))
        app.execute(
            "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)", (unhcr, unhcr)
        )
        with pytest.raises(psycopg.errors.CheckViolation, match="household_cell_resolution"):
            app.execute("UPDATE data.household SET cell = %s", (HOUSE,))


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("SOLIDARY_PERSON_KEYS", "short", "SOLIDARY_PERSON_KEYS: .*32 characters"),
        ("SOLIDARY_PERSON_KEYS", "x" * 40 + ",short", "SOLIDARY_PERSON_KEYS: .*32 characters"),
        ("SOLIDARY_SEARCH_KEYS", "short", "SOLIDARY_SEARCH_KEYS: .*32 characters"),
        ("SOLIDARY_SECRET", "short", "SOLIDARY_SECRET: .*32 characters"),
        ("SOLIDARY_SEARCH_KEYS", None, "needs SOLIDARY_SEARCH_KEYS"),
        ("SOLIDARY_SEARCH_KEYS", "=SOLIDARY_PERSON_KEYS", "One secret stands twice"),
    ],
)
def test_intake_does_not_start_with_a_weak_missing_or_shared_secret(scenario_run, setting, value, reason):
    """Set a secret that can be guessed, forget one, or use one for two purposes, as an operator might."""
    settings = scenario_run.run.environment("intake", "api")
    settings.pop(setting)
    if value is not None:
        settings[setting] = settings[value[1:]] if value.startswith("=") else value
    command = [sys.executable, "-m", "intake", "api", "--port", "1"]
    ended = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    message = " ".join(ended.stderr.split())
    assert re.search(reason, message), message


def _register(intake: httpx.Client, cell: str) -> httpx.Response:
    member = {
        "given_name": "Zenobia",
        "surname": "Prueba",
        "relation": "head",
        "sex": "female",
        "population_group": "migrant",
        "born": BORN,
    }
    body = {"household": {"area": "PA110403", "cell": cell}, "members": [member]}
    return intake.put(f"/registrations/{uuid4()}", json=body)
