"""People with one name, placeholders and impossible days; the day at a desk in the evening."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from solidary.platform.database import unit_of_work
from solidary.platform.identity import Duty

EVENING = datetime(2026, 8, 1, 1, 30, tzinfo=UTC)
"""20:30 of 31 July in Panama, when it is August in UTC."""


def _household(*members):
    return {"household": {"area": "PA110403"}, "members": list(members)}


async def test_a_person_with_one_name_has_it_everywhere(api, desk, member, consent, tokens, read_payees):
    head = member(given_name="Harpreet", born="1971-06-09")
    del head["surname"]
    registered = await api.put(f"/registrations/{uuid4()}", json=_household(head), headers=desk)
    assert registered.status_code == 201, registered.text
    household, person = registered.json()["household_id"], registered.json()["members"][0]["person_id"]
    members = (await api.get(f"/households/{household}", headers=desk)).json()["members"]
    assert members[0]["name"] == "Harpreet"
    identity = (await api.get(f"/people/{person}", headers=desk)).json()["identity"]
    assert (identity["given_name"], identity["surname"], identity["second_surname"]) == (
        "Harpreet",
        None,
        None,
    )
    page = await api.get(f"/people/{person}/copy/page", headers=tokens.of("unhcr", Duty.CASE_WORKER))
    assert "Harpreet" in page.text
    assert "None" not in page.text
    terms = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    package = (await consent(UUID(person), tokens.agency("iom"), **terms))["package_id"]
    (payee,) = (await read_payees([package])).json()
    assert payee["name"] == "Harpreet"
    referral = await consent(UUID(person), tokens.agency("iom"), categories=["name"])
    worker = tokens.of("unhcr", Duty.CASE_WORKER)
    copies = (await api.get(f"/people/{person}/copy", headers=worker)).json()["consents"]
    [shared] = [each["shared"] for each in copies if each["package_id"] == referral["package_id"]]
    assert shared == {"given_name": "Harpreet", "surname": None, "second_surname": None}


async def test_two_people_with_one_name_and_birthday_may_be_one(api, tokens, member):
    desk = tokens.of("manos-vecinas", Duty.FRONT_DESK)
    states = []
    for _ in range(2):
        body = _household(member(given_name="Zabiullah", surname=None, born="1980-10-11"))
        answer = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()
        states.append(answer["members"][0]["state"])
    assert states == ["registered", "provisional"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"born": "2010-05-05", "entered_on": "1999-01-01"}, "/members/0/entered_on"),
        ({"born": "1900-01-01"}, "/members/0/born"),
        ({"needs": [{"code": "LP-ND", "day": "1991-01-01"}]}, "/members/0/needs/0/day"),
        ({"documents": [{"kind": "passport", "number": "PA GEN"}]}, "/members/0/documents/0/number"),
    ],
)
async def test_an_identity_that_cannot_be_right_is_refused(api, desk, member, changes, pointer):
    answer = await api.put(f"/registrations/{uuid4()}", json=_household(member(**changes)), headers=desk)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_day_before_the_birth_is_refused_at_a_visit_and_a_need(api, desk, tokens, register):
    family = await register()
    visit = {"centre": "pao", "reason": "first_orientation", "day": "2017-03-08"}
    refused = await api.post(f"/people/{family.child}/visits", json=visit, headers=desk)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/day")
    need = {"code": "CR-NE", "day": "2016-12-31"}
    refused = await api.post(f"/people/{family.child}/needs", json=need, headers=desk)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/day")


async def test_the_day_of_an_evening_is_that_of_the_desk(api, desk, register, monkeypatch):
    family = await register()

    class Evening(datetime):
        @classmethod
        def now(cls, tz=None):
            return EVENING.astimezone(tz)

    monkeypatch.setattr(unit_of_work, "datetime", Evening)
    visit = {"centre": "pao", "reason": "first_orientation"}
    recorded = await api.post(f"/people/{family.mother}/visits", json=visit, headers=desk)
    assert recorded.json()["day"] == "2026-07-31"
    need = await api.post(f"/people/{family.mother}/needs", json={"code": "CR-NE"}, headers=desk)
    assert need.json()["day"] == "2026-07-31"
    tomorrow = await api.post(
        f"/people/{family.mother}/visits", json={**visit, "day": "2026-08-01"}, headers=desk
    )
    assert tomorrow.json()["errors"][0]["pointer"] == "/day"


async def test_a_child_older_than_its_mother_is_registered_with_a_warning(api, desk, family):
    body = family()
    body["members"][1] |= {"born": "1985-02-02"}
    where = f"/registrations/{uuid4()}"
    for status in (201, 200):
        answer = await api.put(where, json=body, headers=desk)
        assert answer.status_code == status
        assert [warning["pointer"] for warning in answer.json()["warnings"]] == ["/members/1/born"]
    plain = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert plain.json()["warnings"] == []
