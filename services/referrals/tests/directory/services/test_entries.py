"""Entries of the directory: who keeps them, who sees them, and what may not stand in them."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


@pytest.fixture
def shelter(tokens):
    """A local organisation that runs a place nobody may find."""
    return tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR, Duty.PROVIDER)


async def test_an_agency_enters_and_revises_its_own(api, offer, editor, entry):
    made = await offer()
    where = f"/directory/services/{made['service_id']}"
    revised = await api.put(where, json=entry(name="Matrícula", status="inactive"), headers=editor)
    assert (revised.status_code, revised.json()["name"]) == (200, "Matrícula")
    assert (await api.get(where, headers=editor)).json() == revised.json()
    listed = (await api.get("/directory/services", headers=editor)).json()["items"]
    assert revised.json() in listed


async def test_another_agency_changes_nothing_of_it(api, offer, editor, shelter, entry, tokens):
    made = await offer()
    where = f"/directory/services/{made['service_id']}"
    for method, path, body in (
        ("GET", where, None),
        ("PUT", where, entry(name="ours now")),
        ("PUT", f"{where}/capacity", {"available": 0}),
        ("PUT", f"{where}/confidants/{tokens.agency('iom')}", {}),
        ("DELETE", f"{where}/confidants/{tokens.agency('iom')}", None),
    ):
        assert (await api.request(method, path, json=body, headers=shelter)).status_code == 404, path
    assert (await api.get(where, headers=editor)).json() == made
    assert (await api.get("/directory/services", headers=shelter)).json()["items"] == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"eligibility": "age >="}, "/eligibility"),
        ({"eligibility": 'status == "refugee"'}, "/eligibility"),
        ({"needs": ["CR-NE", "SV-VA"]}, "/needs/1"),
        ({"needs": ["nothing"]}, "/needs/0"),
        ({"category": "gossip"}, "/category"),
        ({"area": "La Chorrera"}, "/area"),
        ({"longitude": None}, "/"),
        ({"latitude": 91}, "/latitude"),
        ({"languages": ["klingon"]}, "/languages/0"),
        ({"details": {"schedules": [{"byday": "XX", "opens_at": "08:00"}]}}, "/details/schedules/0/byday"),
        ({"details": {"schedules": [{"byday": "MO", "opens_at": "8am"}]}}, "/details/schedules/0/opens_at"),
        ({"details": {"telephones": ["call me"]}}, "/details/telephones/0"),
        ({"details": {"url": "not a url"}}, "/details/url"),
        ({"agency": str(uuid4())}, "/agency"),
    ],
)
async def test_an_entry_that_cannot_stand_is_refused_at_its_field(api, editor, entry, said, pointer):
    before = (await api.get("/services")).json()["total_items"]
    answer = await api.post("/directory/services", json=entry(**said), headers=editor)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await api.get("/services")).json()["total_items"] == before


async def test_places_that_are_free_are_told_to_who_plans(api, offer, editor, told):
    made = await offer()
    where = f"/directory/services/{made['service_id']}/capacity"
    assert (await api.put(where, json={"available": 5, "maximum": 4}, headers=editor)).status_code == 422
    said = (await api.put(where, json={"available": 4, "maximum": 9}, headers=editor)).json()
    assert (said["available"], said["maximum"], said["waiting_list"]) == (4, 9, False)
    assert [fact["said"] for fact in told(made["service_id"])] == [
        {"service_id": made["service_id"], "category": "education", "area": "PA1307", "available": 4}
    ]


async def test_a_confidential_service_is_seen_by_whom_it_is_confided_to(
    api, offer, shelter, editor, sender, tokens, told
):
    made = await offer(shelter, name="Casa segura", category="protection", confidential=True, needs=[])
    where = f"/directory/services/{made['service_id']}"
    await api.put(f"{where}/capacity", json={"available": 2}, headers=shelter)
    assert told(made["service_id"]) == []
    assert (await api.get(f"/services/{made['service_id']}")).status_code == 404
    assert "Casa segura" not in (await api.get("/services", params={"per_page": 200})).text

    async def suggested(headers) -> bool:
        found = await api.post("/suggestions", json={"need": "protection"}, headers=headers)
        return made["service_id"] in [service["service_id"] for service in found.json()]

    assert (await api.get(where, headers=sender)).status_code == 404
    assert not await suggested(sender)
    confidant = f"{where}/confidants/{tokens.agency('unhcr')}"
    assert (await api.put(confidant, json={}, headers=shelter)).status_code == 204
    assert (await api.get(where, headers=sender)).json()["name"] == "Casa segura"
    assert await suggested(sender)
    assert (await api.get(where, headers=editor)).status_code == 404
    assert not await suggested(tokens.of("iom", Duty.CASE_WORKER))
    assert (await api.delete(confidant, headers=shelter)).status_code == 204
    assert (await api.get(where, headers=sender)).status_code == 404
    assert not await suggested(sender)


async def test_a_referral_to_a_confidential_service_names_neither_it_nor_its_agency_on_the_bus(
    api, offer, shelter, sender, tokens, consent, referral, told
):
    house = tokens.agency("casa-abierta")
    made = await offer(shelter, category="protection", confidential=True, needs=[])
    where = f"/directory/services/{made['service_id']}/confidants/{tokens.agency('unhcr')}"
    await api.put(where, json={}, headers=shelter)
    body = referral(await consent(recipient=house), made["service_id"], preview={"need": "protection"})
    sent = await api.post("/referrals", json=body, headers=sender)
    assert sent.status_code == 201, sent.text
    id_ = sent.json()["referral_id"]
    received = (await api.get("/referrals/received", headers=shelter)).json()["items"]
    assert [item["referral_id"] for item in received] == [id_]
    await api.post(f"/referrals/{id_}/accept", headers=shelter)
    await api.post(f"/referrals/{id_}/start", headers=shelter)
    await api.post(f"/referrals/{id_}/complete", json={"outcome": "service_provided"}, headers=shelter)
    facts = told(id_)
    assert [fact["fact"] for fact in facts] == ["requested", "accepted", "started", "completed"]
    assert str(house) not in str(facts)
    assert made["service_id"] not in str(facts)


async def test_what_becomes_confidential_leaves_the_public_directory(api, offer, editor, entry):
    made = await offer()
    public = f"/services/{made['service_id']}"
    assert (await api.get(public)).status_code == 200
    hidden = await api.put(
        f"/directory/services/{made['service_id']}", json=entry(confidential=True), headers=editor
    )
    assert hidden.status_code == 200
    assert (await api.get(public)).status_code == 404


async def test_the_database_publishes_nothing_confidential(offer, place, shelter):
    made = await offer(shelter, confidential=True)
    columns = """name, organization, description, category, needs, purpose, status, eligibility, area, languages,
        latitude, longitude, remote, answers_within_hours, details, available, maximum, waiting_list, capacity_said,
        modified, id, agency"""
    for said, constraint in (("true", "published_not_confidential"), ("false", "published_as_owned")):
        with psycopg.connect(place.admin) as admin, pytest.raises(psycopg.errors.IntegrityError) as refused:
            admin.execute(
                f"""INSERT INTO published.service ({columns}, confidential)
                SELECT {columns}, {said} FROM data.service WHERE id = '{made["service_id"]}'"""
            )
            admin.commit()
        assert refused.value.diag.constraint_name == constraint
