"""Questions about strangers: one person each, with a reason, counted, limited, and shown to who was asked."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.questions.rules import (
    KEYS_OF_ONE_PERSON,
    QUESTIONS_OF_A_PERSON,
    UNUSUAL_QUESTIONS,
    require_one_person,
)
from intake.registry.search_index.rules import KnownDocument, PersonDescription, search_keys
from solidary.language.problems import Invalid
from solidary.platform.identity import Duty

MOTHER = {"given_name": "Yuleisy", "surname": "Zambrano", "born": "1992-05-17", "reason": "registration"}
SINCE = "2026-01-01"


@pytest.fixture
def elsewhere(tokens):
    """The headers of a desk of another agency, a different person in each test."""
    numbers = iter(range(100, 200))
    return lambda: tokens.of("casa-abierta", Duty.FRONT_DESK, number=next(numbers))


@pytest.fixture
def clean(test_database):
    """No question of today."""
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.question_match")
        admin.execute("DELETE FROM data.question")


@given(st.lists(st.sampled_from("bdfgklmn"), min_size=3, max_size=6, unique=True))
def test_a_question_with_several_hypotheses_is_refused(initials):
    surnames = " ".join(f"{initial}antos" for initial in initials)
    keys = list(search_keys(PersonDescription("Ana Luz", surnames, date(1990, 2, 3))))
    with pytest.raises(Invalid):
        require_one_person(keys)


def test_a_person_with_all_their_attributes_is_one_person():
    person = PersonDescription(
        "Ana María",
        "Quispe Zambrano",
        date(1990, 2, 3),
        documents=(KnownDocument("AB123"),),
        telephones=("+50769998877",),
    )
    keys = list(search_keys(person))
    require_one_person(keys)
    of_one_name = KEYS_OF_ONE_PERSON["one name and birthday"]
    assert sum(key.is_strong for key in keys) == sum(KEYS_OF_ONE_PERSON.values()) - of_one_name


def test_a_person_with_one_name_is_one_person():
    keys = list(search_keys(PersonDescription("Harpreet", "", date(1990, 2, 3))))
    require_one_person(keys)
    assert [key.kind for key in keys if key.is_strong] == ["one name and birthday"]


async def test_the_answer_is_yes_or_no_and_is_logged(api, register, elsewhere, clean, tokens):
    family = await register()
    headers = elsewhere()
    asked = await api.post("/questions", json=MOTHER, headers=headers)
    assert asked.status_code == 201, asked.text
    assert asked.json()["possible_match_elsewhere"] is True
    for id_ in (family.mother, family.household, tokens.agency("unhcr")):
        assert str(id_) not in asked.text
    assert (await api.get(asked.headers["location"], headers=headers)).json() == asked.json()
    stranger = {**MOTHER, "surname": "Etxeberria"}
    answer = await api.post("/questions", json=stranger, headers=headers)
    assert answer.json()["possible_match_elsewhere"] is False
    auditor = tokens.of("casa-abierta", Duty.AUDITOR)
    about = f"/access-log?about={asked.json()['question_id']}"
    log = (await api.get(about, headers=auditor)).json()["items"]
    assert [entry["action"] for entry in log] == ["asked_elsewhere"]


@pytest.mark.parametrize(
    "change",
    [
        {"reason": None},
        {"born": None},
        {"given_name": "Ana Luz", "surname": "Zambrano Quispe Mamani"},
        {"given_name": "Ana Luz Eva Rosa Carmen"},
    ],
)
async def test_a_question_without_reason_or_about_several_people_is_refused(api, elsewhere, change):
    body = {name: value for name, value in {**MOTHER, **change}.items() if value is not None}
    assert (await api.post("/questions", json=body, headers=elsewhere())).status_code == 422


async def test_a_colleague_asks_only_so_often_in_a_day_and_is_reported_before(
    api, elsewhere, clean, test_database
):
    headers = elsewhere()
    answers = [
        (await api.post("/questions", json=MOTHER, headers=headers)).status_code
        for _ in range(QUESTIONS_OF_A_PERSON + 1)
    ]
    assert answers == [201] * QUESTIONS_OF_A_PERSON + [429]
    assert (await api.post("/questions", json=MOTHER, headers=elsewhere())).status_code == 201
    with psycopg.connect(test_database.admin) as admin:
        alarms = admin.execute(
            "SELECT payload::json->>'questions' FROM machinery.outbox WHERE type LIKE '%unusual%'"
        ).fetchall()
        entries = admin.execute(
            "SELECT count(*) FROM data.access_entry WHERE action = 'questions_unusual'"
        ).fetchone()
    assert (alarms, entries) == ([(str(UNUSUAL_QUESTIONS),)], (1,))


async def test_the_quota_of_an_agency_holds_for_all_its_colleagues(
    api, elsewhere, clean, test_database, tokens
):
    with psycopg.connect(test_database.admin) as admin:
        admin.execute(
            """INSERT INTO data.question (id, agency, root, reason, matched, recorded_by)
            SELECT id, %s, id, 'registration', false, gen_random_uuid()
            FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 400)) AS asked""",
            (tokens.agency("casa-abierta"),),
        )
    assert (await api.post("/questions", json=MOTHER, headers=elsewhere())).status_code == 429


async def test_the_service_cannot_write_or_hide_a_question(test_database, tokens):
    with psycopg.connect(test_database.roles["app"]) as app:
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        app.execute(scope, (str(tokens.agency("unhcr")), str(tokens.agency("unhcr"))))
        for statement in (
            "INSERT INTO data.question (id, root, reason, matched) SELECT i, i, '', true FROM gen_random_uuid() i",
            "UPDATE data.question SET reason = ''",
            "DELETE FROM data.question",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement.encode())


async def test_the_agency_asked_sees_counts_and_asks_why(api, register, elsewhere, clean, tokens):
    family = await register()
    headers, other_agency = elsewhere(), tokens.agency("casa-abierta")
    for wanted in (MOTHER, {**MOTHER, "surname": "Etxeberria"}):
        await api.post("/questions", json=wanted, headers=headers)
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    answer = await api.get(f"/questions/received?since={SINCE}", headers=officer)
    (received,) = answer.json()
    assert (received["asked_by"], received["questions"], received["matching"]) == (str(other_agency), 2, 1)
    assert str(family.mother) not in answer.text
    why = {"asked_by": str(other_agency), "day": received["day"]}
    inquiry = await api.post("/inquiries", json=why, headers=officer)
    assert inquiry.status_code == 201
    path = f"{inquiry.headers['location']}/answer"
    theirs = tokens.of("casa-abierta", Duty.DATA_PROTECTION_OFFICER)
    (listed,) = (await api.get("/inquiries", headers=theirs)).json()["items"]
    assert listed["inquiry_id"] == inquiry.json()["inquiry_id"]
    statement_of_agency = {"answer": "registrations"}
    third = tokens.of("iom", Duty.DATA_PROTECTION_OFFICER)
    assert (await api.post(path, json=statement_of_agency, headers=third)).status_code == 404
    assert (await api.post(path, json=statement_of_agency, headers=officer)).status_code == 409
    assert (await api.post(path, json=statement_of_agency, headers=theirs)).status_code == 200
    assert (await api.post(path, json=statement_of_agency, headers=theirs)).status_code == 409
    read = (await api.get(inquiry.headers["location"], headers=officer)).json()
    assert read["answer"] == "registrations"
