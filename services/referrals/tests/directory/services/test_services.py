from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


@pytest.fixture
def shelter(tokens):
    """A local organisation that runs a confidential shelter."""
    return tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR, Duty.PROVIDER)


async def test_agency_creates_and_replaces_its_entry(api, create_service, editor, entry):
    made = await create_service()
    where = f"/directory/services/{made['service_id']}"
    replaced = await api.put(where, json=entry(name="Matrícula", status="inactive"), headers=editor)
    assert (replaced.status_code, replaced.json()["name"]) == (200, "Matrícula")
    assert (await api.get(where, headers=editor)).json() == replaced.json()
    listed = (await api.get("/directory/services", headers=editor)).json()["items"]
    assert replaced.json() in listed


async def test_other_agency_cannot_change_an_entry(api, create_service, editor, shelter, entry, tokens):
    made = await create_service()
    where = f"/directory/services/{made['service_id']}"
    for method, path, body in (
        ("GET", where, None),
        ("PUT", where, entry(name="ours now")),
        ("PUT", f"{where}/capacity", {"available": 0}),
        ("PUT", f"{where}/shares/{tokens.agency('iom')}", {}),
        ("DELETE", f"{where}/shares/{tokens.agency('iom')}", None),
    ):
        assert (await api.request(method, path, json=body, headers=shelter)).status_code == 404, path
    assert (await api.get(where, headers=editor)).json() == made
    assert (await api.get("/directory/services", headers=shelter)).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"eligibility": "age >="}, "/eligibility"),
        ({"eligibility": 'status == "refugee"'}, "/eligibility"),
        ({"needs": ["CR-NE", "SV-VA"]}, "/needs/1"),
        ({"needs": ["nothing"]}, "/needs/0"),
        ({"category": "gossip"}, "/category"),
        ({"area": "La Chorrera"}, "/area"),
        ({"longitude": None}, ""),
        ({"latitude": 91}, "/latitude"),
        ({"languages": ["klingon"]}, "/languages/0"),
        ({"details": {"schedules": [{"byday": "XX", "opens_at": "08:00"}]}}, "/details/schedules/0/byday"),
        ({"details": {"schedules": [{"byday": "MO", "opens_at": "8am"}]}}, "/details/schedules/0/opens_at"),
        ({"details": {"telephones": ["call me"]}}, "/details/telephones/0"),
        ({"details": {"url": "not a url"}}, "/details/url"),
        ({"agency": str(uuid4())}, "/agency"),
    ],
)
async def test_invalid_entry_is_refused_at_its_field(api, editor, entry, changes, pointer):
    before = (await api.get("/services")).json()["total_items"]
    answer = await api.post("/directory/services", json=entry(**changes), headers=editor)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await api.get("/services")).json()["total_items"] == before


async def test_free_places_of_a_public_service_are_published(api, create_service, editor, events_of):
    made = await create_service()
    where = f"/directory/services/{made['service_id']}/capacity"
    assert (await api.put(where, json={"available": 5, "maximum": 4}, headers=editor)).status_code == 422
    entry = (await api.put(where, json={"available": 4, "maximum": 9}, headers=editor)).json()
    assert (entry["available"], entry["maximum"], entry["waiting_list"]) == (4, 9, False)
    assert [fact["fields"] for fact in events_of(made["service_id"])] == [
        {"service_id": made["service_id"], "category": "education", "area": "PA1307", "available": 4}
    ]


async def test_confidential_service_is_seen_through_a_share_only(
    api, create_service, shelter, editor, sender, tokens, events_of
):
    made = await create_service(
        shelter, name="Casa segura", category="protection", confidential=True, needs=[]
    )
    where = f"/directory/services/{made['service_id']}"
    await api.put(f"{where}/capacity", json={"available": 2}, headers=shelter)
    assert events_of(made["service_id"]) == []
    assert (await api.get(f"/services/{made['service_id']}")).status_code == 404
    assert "Casa segura" not in (await api.get("/services", params={"per_page": 200})).text

    async def is_suggested(headers) -> bool:
        found = await api.post("/suggestions", json={"need": "protection"}, headers=headers)
        return made["service_id"] in [service["service_id"] for service in found.json()]

    assert (await api.get(where, headers=sender)).status_code == 404
    assert not await is_suggested(sender)
    share = f"{where}/shares/{tokens.agency('unhcr')}"
    assert (await api.put(share, json={}, headers=shelter)).status_code == 204
    assert (await api.get(where, headers=sender)).json()["name"] == "Casa segura"
    assert await is_suggested(sender)
    assert (await api.get(where, headers=editor)).status_code == 404
    assert not await is_suggested(tokens.of("iom", Duty.CASE_WORKER))
    assert (await api.delete(share, headers=shelter)).status_code == 204
    assert (await api.get(where, headers=sender)).status_code == 404
    assert not await is_suggested(sender)


async def test_events_of_a_referral_do_not_name_a_confidential_service_or_its_agency(
    api, create_service, shelter, sender, tokens, grant_consent, referral_body, events_of
):
    house = tokens.agency("casa-abierta")
    made = await create_service(shelter, category="protection", confidential=True, needs=[])
    where = f"/directory/services/{made['service_id']}/shares/{tokens.agency('unhcr')}"
    await api.put(where, json={}, headers=shelter)
    body = referral_body(
        await grant_consent(recipient=house), made["service_id"], preview={"need": "protection"}
    )
    sent = await api.post("/referrals", json=body, headers=sender)
    assert sent.status_code == 201, sent.text
    id_ = sent.json()["referral_id"]
    received = (await api.get("/referrals/received", headers=shelter)).json()["items"]
    assert [item["referral_id"] for item in received] == [id_]
    await api.post(f"/referrals/{id_}/accept", headers=shelter)
    await api.post(f"/referrals/{id_}/start", headers=shelter)
    await api.post(f"/referrals/{id_}/complete", json={"outcome": "service_provided"}, headers=shelter)
    facts = events_of(id_)
    assert [fact["fact"] for fact in facts] == ["requested", "accepted", "started", "completed"]
    assert str(house) not in str(facts)
    assert made["service_id"] not in str(facts)


async def test_entry_that_becomes_confidential_is_not_public_any_more(api, create_service, editor, entry):
    made = await create_service()
    public = f"/services/{made['service_id']}"
    assert (await api.get(public)).status_code == 200
    hidden = await api.put(
        f"/directory/services/{made['service_id']}", json=entry(confidential=True), headers=editor
    )
    assert hidden.status_code == 200
    assert (await api.get(public)).status_code == 404


async def test_database_refuses_to_publish_a_confidential_service(create_service, service_database, shelter):
    made = await create_service(shelter, confidential=True)
    columns = """name, organization, description, category, needs, purpose, status, eligibility, area, languages,
        latitude, longitude, remote, answers_within_hours, details, available, maximum, waiting_list,
        capacity_updated_at, modified, id, agency"""
    constraints = {"true": "published_service_not_confidential", "false": "published_service_matches_entry"}
    for confidential, constraint in constraints.items():
        with (
            psycopg.connect(service_database.admin) as admin,
            pytest.raises(psycopg.errors.IntegrityError) as error,
        ):
            admin.execute(
                f"""INSERT INTO published.service ({columns}, confidential)
                SELECT {columns}, {confidential} FROM data.service WHERE id = '{made["service_id"]}'"""
            )
            admin.commit()
        assert error.value.diag.constraint_name == constraint
