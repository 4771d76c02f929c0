from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


async def test_eligible_service_comes_first_with_its_reasons(api, create_service, sender):
    eligible, too_old = await create_service(), await create_service(eligibility="age >= 18")
    query = {"need": "CR-NE", "profile": {"age": 9, "area": "PA1307", "languages": ["spa"]}}
    answer = await api.post("/suggestions", json=query, headers=sender)
    found = {service["service_id"]: service for service in answer.json()["items"]}
    order = [service["service_id"] for service in answer.json()["items"]]
    assert order.index(eligible["service_id"]) < order.index(too_old["service_id"])
    first, last = found[eligible["service_id"]], found[too_old["service_id"]]
    assert (first["eligibility"], first["unmet_requirements"]) == ("eligible", [])
    assert last["eligibility"] == "not_eligible"
    assert "18" in last["unmet_requirements"][0]["en"]
    assert first["points"] == sum(part["value"] * part["weight"] for part in first["parts"])
    assert {part["part"] for part in first["parts"]} >= {"eligibility", "distance", "opening", "capacity"}


async def test_missing_fields_are_listed(api, create_service, sender):
    made = await create_service()
    found = (await api.post("/suggestions", json={"need": "education"}, headers=sender)).json()["items"]
    one = next(service for service in found if service["service_id"] == made["service_id"])
    assert (one["eligibility"], one["missing_fields"]) == ("undetermined", ["age"])


async def test_inactive_service_is_not_suggested(api, create_service, sender):
    made = await create_service(status="temporarily closed")
    found = (await api.post("/suggestions", json={"need": "CR-NE"}, headers=sender)).json()["items"]
    assert made["service_id"] not in [service["service_id"] for service in found]


@pytest.mark.parametrize(
    ("changes", "pointer"),
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
async def test_query_with_forbidden_content_is_refused(api, sender, changes, pointer):
    answer = await api.post("/suggestions", json={"need": "CR-NE"} | changes, headers=sender)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_query_stores_nothing(api, create_service, sender, service_database):
    await create_service()
    headers = sender | {"Idempotency-Key": str(uuid4())}

    def rows() -> list[tuple]:
        with psycopg.connect(service_database.admin) as admin:
            return admin.execute(
                "SELECT (SELECT count(*) FROM machinery.idempotency), (SELECT count(*) FROM machinery.outbox)"
            ).fetchall()

    before = rows()
    for _ in range(2):
        answer = await api.post("/suggestions", json={"need": "CR-NE"}, headers=headers)
        assert answer.status_code == 200
    assert rows() == before


async def test_duty_of_a_sender_is_required(api, tokens):
    for duty in (Duty.PLANNER, Duty.PROVIDER):
        answer = await api.post("/suggestions", json={"need": "CR-NE"}, headers=tokens.of("unhcr", duty))
        assert answer.status_code == 403
