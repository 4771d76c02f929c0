"""The lists of a user: the people to whom they are assigned and what belongs to these, each access logged."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty

PATHS = ("/people", "/needs", "/procedures", "/consents")


@pytest.fixture
async def served(api, desk, register, consent, tokens):
    """A family with needs, a procedure and a consent, at UNHCR's desk."""
    family = await register()
    await consent(family.mother, tokens.agency("chorrera"))
    body = {"pathway": "pa-asylum", "warnings_discussed": True}
    opened = await api.post(f"/people/{family.mother}/procedures", json=body, headers=desk)
    assert opened.status_code == 201, opened.text
    return family


async def items(api, path, headers):
    answer = await api.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_lists_have_the_people_of_the_user_with_their_names(api, desk, served):
    people = {each["person_id"]: each["name"] for each in await items(api, "/people", desk)}
    assert people[str(served.mother)] == "Yuleisy Zambrano Canarés"
    for path in PATHS[1:]:
        own = [each for each in await items(api, path, desk) if each["person_id"] in people]
        assert str(served.mother) in {each["person_id"] for each in own}
        assert all(each["name"] == people[each["person_id"]] for each in own)


async def test_lists_of_a_colleague_and_of_another_agency_have_nothing(api, tokens, other_desk, served):
    colleague = tokens.of("unhcr", Duty.FRONT_DESK, Duty.CASE_WORKER, number=91)
    for headers in (colleague, other_desk, colleague | {"Solidary-Reason": "supervision"}):
        for path in PATHS:
            assert await items(api, path, headers) == []


async def test_lists_end_with_the_assignment(api, desk, served, test_database):
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.assignment SET valid_until = now() WHERE root = %s", [served.mother])
    for path in PATHS:
        assert str(served.mother) not in {each["person_id"] for each in await items(api, path, desk)}


async def test_lists_filter(api, desk, served):
    need = (await items(api, "/needs?state=open&severity=high", desk))[0]
    assert (need["code"], need["state"]) == ("LP-ND", "open")
    met = await api.post(
        f"/people/{need['person_id']}/needs/{need['need_id']}/state", json={"to": "met"}, headers=desk
    )
    assert met.status_code == 200
    for query, has in (("state=open", False), ("state=met", True), ("state=met&category=food", False)):
        found = [each["need_id"] for each in await items(api, f"/needs?{query}", desk)]
        assert (need["need_id"] in found) is has, query
    assert await items(api, "/consents?state=withdrawn", desk) == []
    assert await items(api, "/consents?ends_before=2020-01-01T00:00:00Z", desk) == []
    assert await items(api, "/consents?state=granted&ends_before=2199-01-01T00:00:00Z", desk)
    assert await items(api, "/procedures?state=granted", desk) == []


async def test_each_person_on_a_list_is_logged(api, desk, served, tokens):
    for path in PATHS:
        await items(api, path, desk)
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    log = await items(api, f"/access-log?about={served.mother}", auditor)
    actions = {each["action"] for each in log}
    assert {"people_listed", "needs_read", "procedures_read", "consents_read"} <= actions


async def test_provisional_people_are_listed_for_everybody_at_the_desk(api, desk, family, tokens):
    for _ in range(2):
        answer = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
        assert answer.status_code == 201, answer.text
    colleague = tokens.of("unhcr", Duty.CASE_WORKER, number=92)
    found = await items(api, "/people?state=provisional", colleague)
    assert found
    assert {each["state"] for each in found} == {"provisional"}
