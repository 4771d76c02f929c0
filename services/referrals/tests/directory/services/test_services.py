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
        ("PUT", f"{where}/shares/{tokens.agency('iom')}", {"until": None}),
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


async def test_free_places_are_shown_in_the_directory_and_in_no_event(api, create_service, editor, events_of):
    made = await create_service()
    where = f"/directory/services/{made['service_id']}/capacity"
    assert (await api.put(where, json={"available": 5, "maximum": 4}, headers=editor)).status_code == 422
    entry = (await api.put(where, json={"available": 4, "maximum": 9}, headers=editor)).json()
    assert (entry["available"], entry["maximum"], entry["waiting_list"]) == (4, 9, False)
    assert events_of(made["service_id"]) == []


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
        return made["service_id"] in [service["service_id"] for service in found.json()["items"]]

    assert (await api.get(where, headers=sender)).status_code == 404
    assert not await is_suggested(sender)
    share = f"{where}/shares/{tokens.agency('unhcr')}"
    assert (await api.put(share, json={"until": None}, headers=shelter)).status_code == 204
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
    await api.put(where, json={"until": None}, headers=shelter)
    body = referral_body(await grant_consent(recipient=house), made["service_id"])
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
    assert all(fact["fields"] == {"referral_id": id_} for fact in facts)


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


@pytest.fixture
def editors(tokens):
    """Two directory editors of the shelter's agency."""
    return [tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR, number=number) for number in (1, 2)]


async def test_confidential_entry_becomes_public_by_two_people(api, create_service, entry, editors):
    first, second = editors
    made = await create_service(first, confidential=True)
    where, public = f"/directory/services/{made['service_id']}", f"/services/{made['service_id']}"
    body = entry(confidential=True)
    del body["confidential"]
    left_out = await api.put(where, json=body, headers=first)
    assert (left_out.status_code, left_out.json()["errors"][0]["pointer"]) == (422, "/confidential")
    alone = await api.put(where, json=entry(confidential=False), headers=first)
    assert (alone.status_code, alone.json()["type"]) == (
        409,
        "urn:solidary:problem:publication-needs-two-people",
    )
    asked = await api.post(f"{where}/publication-requests", json={"reason": "Se mudó"}, headers=first)
    assert asked.status_code == 201, asked.text
    request = asked.headers["location"]
    own = await api.post(f"{request}/confirm", headers=first)
    assert (own.status_code, own.json()["type"]) == (409, "urn:solidary:problem:own-publication-request")
    assert (await api.get(public)).status_code == 404
    done = await api.post(f"{request}/confirm", headers=second)
    assert done.status_code == 200, done.text
    assert done.json()["requested_by"] != done.json()["confirmed_by"]
    assert (await api.get(public)).status_code == 200
    # An old request does not open the entry again.
    assert (await api.put(where, json=entry(confidential=True), headers=first)).status_code == 200
    again = await api.post(f"{request}/confirm", headers=second)
    assert (again.status_code, again.json()["type"]) == (409, "urn:solidary:problem:nothing-to-confirm")
    assert (await api.get(public)).status_code == 404


async def test_database_publishes_no_confidential_entry_by_one_hand(
    create_service, editors, service_database, tokens, api
):
    made = await create_service(editors[0], confidential=True)
    open_it = "UPDATE data.service SET confidential = false WHERE id = %(service)s"
    attempts = {
        "service_publication_by_two_people": [open_it],
        "publication_request_confirmed_by_another": [
            "INSERT INTO data.publication_request (id, root, reason, requested_by)"
            " VALUES (gen_random_uuid(), %(service)s, 'x', gen_random_uuid())",
            "UPDATE data.publication_request SET confirmed_by = gen_random_uuid(), confirmed_at = now()"
            " WHERE root = %(service)s",
            open_it,
        ],
    }
    for constraint, statements in attempts.items():
        with psycopg.connect(service_database.roles["app"]) as raw:
            raw.execute(
                "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)",
                [str(tokens.agency("casa-abierta")), str(uuid4())],
            )
            with pytest.raises(psycopg.errors.CheckViolation) as refused:
                for statement in statements:
                    raw.execute(statement, {"service": made["service_id"]})
            assert refused.value.diag.constraint_name == constraint
            raw.rollback()
