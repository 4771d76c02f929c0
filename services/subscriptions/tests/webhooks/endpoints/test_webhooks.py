"""Webhooks: created, changed, paused, rotated, deleted, by the integrator of their agency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.drift import assert_models_match
from solidary_testing.servers import settings_for
from solidary_testing.transitions import recorded_transitions
from subscriptions.webhooks.deliveries.commands import claim
from subscriptions.webhooks.endpoints.encryption import DecryptionError, SecretCipher
from subscriptions.webhooks.endpoints.rules import MAX_WEBHOOKS, WEBHOOK_TRANSITIONS

from services.subscriptions.tests.notices import notice

URL = "https://receiver.example.org/hook"
TYPE = "org.solidary.referrals.referral.accepted.v1"


async def test_secret_is_shown_once_and_stored_encrypted(hooks, create, integrator, service_database):
    made = await create(URL, types=[TYPE], description="Case management")
    assert made["secret"].startswith("whsec_")
    for path in (f"/webhooks/{made['id']}", "/webhooks"):
        answer = await hooks.get(path, headers=integrator)
        assert answer.status_code == 200
        assert made["secret"] not in answer.text
        assert "secret" not in answer.json()
    with psycopg.connect(service_database.admin) as admin:
        (row,) = admin.execute("SELECT w::text FROM data.webhook w WHERE id = %s", [made["id"]]).fetchone()
    assert made["secret"].removeprefix("whsec_") not in row


async def test_repeated_creation_does_not_show_the_secret_again(hooks, integrator):
    headers = integrator | {"Idempotency-Key": str(uuid4())}
    first = await hooks.post("/webhooks", json={"url": URL}, headers=headers)
    again = await hooks.post("/webhooks", json={"url": URL}, headers=headers)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert first.json()["secret"] not in again.text


async def test_webhook_of_another_agency_does_not_exist(hooks, create, tokens):
    made = await create(URL)
    stranger = tokens.of("iom", Duty.INTEGRATOR)
    path = f"/webhooks/{made['id']}"
    calls = [("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}/deliveries")]
    calls += [("POST", f"{path}/{step}") for step in ("pause", "resume", "secret", "test", "replay")]
    for method, target in calls:
        body = {"since": "2026-01-01T00:00:00Z"} if target.endswith("replay") else {}
        answer = await hooks.request(method, target, json=body, headers=stranger)
        assert answer.status_code == 404, (method, target, answer.text)
    assert (await hooks.get("/webhooks", headers=stranger)).json()["items"] == []


async def test_only_the_integrator_administers(hooks, tokens):
    for duty in (Duty.CASE_WORKER, Duty.OPERATOR):
        headers = tokens.of("unhcr", duty)
        assert (await hooks.post("/webhooks", json={"url": URL}, headers=headers)).status_code == 403
        assert (await hooks.get("/webhooks", headers=headers)).status_code == 403


async def test_machine_client_reads_and_does_not_administer(hooks, create, tokens):
    """Refuse a machine: who has its secret cannot send events elsewhere."""
    made = await create(URL)
    machine = tokens.machine("unhcr-integrator")
    assert (await hooks.get(f"/webhooks/{made['id']}", headers=machine)).status_code == 200
    refused = await hooks.patch(f"/webhooks/{made['id']}", json={"url": URL}, headers=machine)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:solidary:problem:people-only")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://10.0.0.1/x"}, "/url"),
        ({"url": "http://receiver.example.org/x"}, "/url"),
        ({"url": URL, "types": [TYPE, "org.solidary.nothing.at.all.v1"]}, "/types/1"),
        ({"url": URL, "secret": "mine"}, "/secret"),
    ],
)
async def test_webhook_that_cannot_be_is_refused_with_its_place(hooks, integrator, body, pointer):
    answer = await hooks.post("/webhooks", json=body, headers=integrator)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_agency_has_a_bounded_number_of_webhooks(hooks, create, integrator):
    for _ in range(MAX_WEBHOOKS):
        await create(URL)
    refused = await hooks.post("/webhooks", json={"url": URL}, headers=integrator)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:too-many-webhooks")


async def test_changes_change_only_what_they_name(hooks, create, integrator):
    made = await create(URL, types=[TYPE], description="Before")
    path = f"/webhooks/{made['id']}"
    changed = (await hooks.patch(path, json={"description": None}, headers=integrator)).json()
    assert (changed["url"], changed["types"], changed["description"]) == (URL, [TYPE], None)
    inside = await hooks.patch(path, json={"url": "https://127.0.0.2:80/"}, headers=integrator)
    assert inside.status_code == 422
    assert (await hooks.delete(path, headers=integrator)).status_code == 204
    assert (await hooks.get(path, headers=integrator)).status_code == 404


async def test_events_are_kept_for_a_paused_webhook_of_their_types(hooks, create, append, integrator, tokens):
    agency = tokens.agency("unhcr")
    made = await create(URL, types=[TYPE], paused=True)
    await append(notice(agency=agency), notice(agency=agency, type="org.solidary.cash.payment.delivered.v1"))
    kept = (await hooks.get(f"/webhooks/{made['id']}/deliveries?state=waiting", headers=integrator)).json()
    assert [each["type"] for each in kept["items"]] == [TYPE]
    resumed = await hooks.post(f"/webhooks/{made['id']}/resume", headers=integrator)
    assert (resumed.json()["state"], resumed.json()["pause_reason"]) == ("active", None)
    again = await hooks.post(f"/webhooks/{made['id']}/resume", headers=integrator)
    assert again.status_code == 409


async def test_replay_sends_events_from_before_the_webhook_too(hooks, create, append, integrator, tokens):
    agency, since = tokens.agency("unhcr"), datetime.now(UTC) - timedelta(minutes=5)
    sent = notice(agency=agency)
    await append(sent, notice(agency=tokens.agency("iom")))
    made = await create(URL, paused=True)
    path = f"/webhooks/{made['id']}"
    answer = await hooks.post(f"{path}/replay", json={"since": since.isoformat()}, headers=integrator)
    assert answer.json()["events"] >= 1
    items = (await hooks.get(f"{path}/deliveries", headers=integrator)).json()["items"]
    assert str(sent.id) in {item["event_id"] for item in items}
    assert len(items) == answer.json()["events"], "and none of another agency"


def test_secret_opens_only_for_its_webhook_and_under_its_ring():
    webhook, other = uuid4(), uuid4()
    encrypted = SecretCipher(["a" * 32]).encrypt(webhook, "whsec_x")
    assert SecretCipher(["b" * 32, "a" * 32]).decrypt(webhook, encrypted) == "whsec_x"
    with pytest.raises(DecryptionError):
        SecretCipher(["a" * 32]).decrypt(other, encrypted)
    with pytest.raises(DecryptionError):
        SecretCipher(["b" * 32]).decrypt(webhook, encrypted)


async def test_webhook_whose_secret_cannot_be_read_is_paused_and_gets_a_new_one(
    hooks, create, append, database, integrator, tokens, run, service, service_database
):
    """Lose SOLIDARY_WEBHOOK_KEYS: the worker goes on, and a new secret mends the webhook."""
    made, agency = await create(URL), tokens.agency("unhcr")
    await append(notice(agency=agency))
    lost, keys = SecretCipher(["another secret, of some other instance"]), {"limit": 8, "seconds": 60}
    async with database.unit_for_timer(agency) as unit:
        assert await claim(unit, lost, UUID(made["id"]), **keys) == []
    path = f"/webhooks/{made['id']}"
    assert (await hooks.get(path, headers=integrator)).json()["pause_reason"] == "secret_unreadable"
    assert (await hooks.post(f"{path}/secret", headers=integrator)).status_code == 201
    assert (await hooks.post(f"{path}/resume", headers=integrator)).status_code == 200
    cipher = SecretCipher.of(settings_for(run, service_database, service.name))
    async with database.unit_for_timer(agency) as unit:
        assert len(await claim(unit, cipher, UUID(made["id"]), **keys)) == 1


def test_database_holds_the_transitions_of_the_rules(service_database):
    assert recorded_transitions(service_database.admin, "webhook") == WEBHOOK_TRANSITIONS.pairs


def test_models_match_their_tables(service_database, service):
    assert_models_match(service_database, service, unmapped=("data.event", "data.feed"))
