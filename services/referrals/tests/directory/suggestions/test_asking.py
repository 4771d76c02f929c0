"""What fits, asked over HTTP: with codes, about nobody, and nothing of it kept."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


async def test_what_fits_comes_first_with_its_reasons(api, offer, sender):
    fits, too_old = await offer(), await offer(eligibility="age >= 18")
    query = {"need": "CR-NE", "profile": {"age": 9, "area": "PA1307", "languages": ["spa"]}}
    answer = await api.post("/suggestions", json=query, headers=sender)
    found = {service["service_id"]: service for service in answer.json()}
    order = [service["service_id"] for service in answer.json()]
    assert order.index(fits["service_id"]) < order.index(too_old["service_id"])
    first, last = found[fits["service_id"]], found[too_old["service_id"]]
    assert (first["verdict"], first["because"]) == ("fits", [])
    assert last["verdict"] == "does_not_fit"
    assert "18" in last["because"][0]["en"]
    assert first["points"] == sum(part["value"] * part["weight"] for part in first["parts"])
    assert {part["part"] for part in first["parts"]} >= {"fit", "distance", "opening", "capacity"}


async def test_what_is_not_known_is_asked_for(api, offer, sender):
    made = await offer()
    found = (await api.post("/suggestions", json={"need": "education"}, headers=sender)).json()
    one = next(service for service in found if service["service_id"] == made["service_id"])
    assert (one["verdict"], one["ask"]) == ("cannot_tell", ["age"])


async def test_what_is_not_active_is_not_suggested(api, offer, sender):
    made = await offer(status="temporarily closed")
    found = (await api.post("/suggestions", json={"need": "CR-NE"}, headers=sender)).json()
    assert made["service_id"] not in [service["service_id"] for service in found]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"need": "SV-VA"}, "/need"),
        ({"need": "SC-UC"}, "/need"),
        ({"profile": {"age": -1}}, "/profile/age"),
        ({"profile": {"immigration_status": "none"}}, "/profile/immigration_status"),
        ({"profile": {"needs": ["CR-NE", "TR-HO"]}}, "/profile/needs/1"),
        ({"near": {"latitude": 100, "longitude": 0}}, "/near/latitude"),
        ({"person_id": str(uuid4())}, "/person_id"),
    ],
)
async def test_a_question_that_says_too_much_is_refused(api, sender, said, pointer):
    answer = await api.post("/suggestions", json={"need": "CR-NE"} | said, headers=sender)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_asking_leaves_no_trace_whatever_key_is_sent(api, offer, sender, place):
    await offer()
    headers = sender | {"Idempotency-Key": str(uuid4())}

    def rows() -> list[tuple]:
        with psycopg.connect(place.admin) as admin:
            return admin.execute(
                """SELECT (SELECT count(*) FROM machinery.idempotency), (SELECT count(*) FROM machinery.outbox),
                (SELECT count(*) FROM machinery.feed)"""
            ).fetchall()

    before = rows()
    for _ in range(2):
        answer = await api.post("/suggestions", json={"need": "CR-NE"}, headers=headers)
        assert answer.status_code == 200
    assert rows() == before


async def test_only_who_serves_people_asks(api, tokens):
    for duty in (Duty.PLANNER, Duty.PROVIDER):
        answer = await api.post("/suggestions", json={"need": "CR-NE"}, headers=tokens.of("unhcr", duty))
        assert answer.status_code == 403
