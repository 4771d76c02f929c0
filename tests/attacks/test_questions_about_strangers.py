"""Attacks on questions about strangers: somebody with a valid login maps who is registered at other agencies."""

from __future__ import annotations

from itertools import product

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from tests.conftest import ScenarioRun

GIVEN = ["Ana", "Luisa", "Carmen", "Rosa", "Yuleisy", "Brayan"]
FAMILY = ["Zambrano", "Quispe", "Mamani", "Cevallos", "Rojas", "Santos"]


@pytest.fixture
def post(scenario_run: ScenarioRun, tokens: Tokens):
    """A function that posts to intake as a front desk of Casa Abierta."""
    headers = tokens.of("casa-abierta", Duty.FRONT_DESK, number=66)

    def send(path: str, body: object) -> httpx.Response:
        url = scenario_run.run.services["intake"] + path
        return httpx.post(url, json=body, headers=headers, timeout=30)

    return send


def test_a_search_answers_nothing_about_other_agencies(post) -> None:
    """Use the search, which a desk has all day, as an oracle over all agencies."""
    wanted = {"given_name": " ".join(GIVEN), "surname": " ".join(FAMILY), "born": "1992-05-17"}
    found = post("/people/search", wanted)
    assert found.json().keys() == {"search_id", "candidates"}


def test_a_question_cannot_hold_many_hypotheses(post) -> None:
    """Ask with six given names, six surnames and a tolerance of a year: a hundred and eight questions in one."""
    for number in (3, 6):
        names = {"given_name": " ".join(GIVEN[:number]), "surname": " ".join(FAMILY[:number])}
        asked = post("/questions", {**names, "born": "1992-05-17", "reason": "registration"})
        assert asked.status_code == 422, asked.text


def test_a_list_of_names_is_not_answered_and_raises_an_alarm(
    post, scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Ask about one stranger after the other: the quota ends it, and both sides know before."""
    before = _questions_received(scenario_run, tokens), _alarms(scenario_run)
    statuses = [
        post(
            "/questions", {"given_name": g, "surname": f, "born": "1992-05-17", "reason": "cash"}
        ).status_code
        for g, f in product(GIVEN, [*FAMILY, "Ejemplo", "Prueba"])
    ]
    assert 429 in statuses
    allowed = statuses.index(429)
    assert set(statuses[:allowed]) == {201}
    assert set(statuses[allowed:]) == {429}
    after = _questions_received(scenario_run, tokens), _alarms(scenario_run)
    assert after == (before[0] + allowed, before[1] + 1)


def _questions_received(scenario_run: ScenarioRun, tokens: Tokens) -> int:
    """Return how many questions of Casa Abierta the data protection officer of UNHCR sees."""
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    url = f"{scenario_run.run.services['intake']}/questions/received?since=2026-01-01"
    received = httpx.get(url, headers=officer, timeout=30).json()
    casa_abierta = str(tokens.agency("casa-abierta"))
    return sum(each["questions"] for each in received if each["asked_by"] == casa_abierta)


def _alarms(scenario_run: ScenarioRun) -> int:
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
        alarms = "SELECT count(*) FROM data.access_entry WHERE action = 'questions_unusual'"
        row = admin.execute(alarms).fetchone()
    assert row is not None
    return int(row[0])


def test_the_service_s_role_has_no_other_way_to_ask(scenario_run: ScenarioRun, tokens: Tokens) -> None:
    """Send statements as the service: they meet the same count, and cannot ask with a dictionary."""
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        functions = app.execute(
            """SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
            WHERE prosecdef AND nspname = 'machinery' AND has_function_privilege(p.oid, 'execute')
                AND prosrc ~ 'search_token'"""
        ).fetchall()
        assert functions == [("ask_other_agencies",)]
        agency = str(tokens.agency("manos-vecinas"))
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        app.execute(scope, (agency, agency))
        with pytest.raises(psycopg.errors.RaiseException, match="one person"), app.transaction():
            app.execute(
                "SELECT * FROM machinery.ask_other_agencies('cash', %s)", ([bytes([n]) for n in range(50)],)
            )
