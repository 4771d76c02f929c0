"""Consents: their conditions, the access that they open, and their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from intake.sharing.consents.jobs import expire_consents
from solidary.platform.identity import Duty
from solidary_testing import eventually


async def test_a_consent_is_recorded_with_its_basis(api, desk, register, consent, tokens):
    family = await register()
    recorded = await consent(family.mother, tokens.agency("chorrera"))
    assert (recorded["state"], recorded["basis"], recorded["purpose"]) == ("granted", "consent", "referral")
    assert (await api.get(f"/consents/{recorded['consent_id']}", headers=desk)).json() == recorded
    assert (await api.get(f"/people/{family.mother}/consents", headers=desk)).json() == [recorded]
    assert await _kinds(api, desk, family.mother) >= {"consent_granted"}


async def test_a_withdrawn_consent_stays_withdrawn(api, desk, register, consent, tokens):
    family = await register()
    path = f"/consents/{(await consent(family.mother, tokens.agency('chorrera')))['consent_id']}"
    withdrawn = await api.post(f"{path}/withdraw", headers=desk)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert (await api.post(f"{path}/withdraw", headers=desk)).status_code == 409
    assert await _kinds(api, desk, family.mother) >= {"consent_granted", "consent_withdrawn"}


async def test_a_repeated_post_grants_one_consent(api, desk, register, tokens):
    family = await register()
    body = {
        "person_id": str(family.mother),
        "recipient": str(tokens.agency("chorrera")),
        "purpose": "referral",
        "categories": ["name"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }
    headers = desk | {"Idempotency-Key": str(uuid4())}
    first, again = [await api.post("/consents", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert len((await api.get(f"/people/{family.mother}/consents", headers=desk)).json()) == 1


async def test_a_childs_consent_is_given_by_an_adult_of_the_household(api, desk, register, consent, tokens):
    family, others = await register(), await register()
    chorrera = tokens.agency("chorrera")
    recorded = await consent(family.child, chorrera, given_by=str(family.mother), assent=True)
    assert (recorded["given_by"], recorded["assent"]) == (str(family.mother), True)
    for giver in (None, family.child, others.mother, uuid4()):
        body = {
            "person_id": str(family.child),
            "recipient": str(chorrera),
            "purpose": "referral",
            "categories": ["name"],
            "basis": "consent",
            "language": "spa",
            "channel": "in_person",
            "text_version": "2026-11",
            "given_by": giver and str(giver),
        }
        refused = await api.post("/consents", json=body, headers=desk)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/given_by"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"categories": ["household_profile"]}, "/categories"),
        ({"purpose": "cash", "categories": ["needs"]}, "/categories"),
        ({"categories": []}, "/categories"),
        ({"categories": ["everything"]}, "/categories/0"),
        ({"needs": ["CR-NE"]}, "/needs/0"),
        ({"basis": "because"}, "/basis"),
        ({"purpose": "marketing"}, "/purpose"),
        ({"recipient": "unhcr"}, "/recipient"),
    ],
)
async def test_an_invalid_consent_is_refused_at_its_field(api, desk, register, tokens, changes, pointer):
    family = await register()
    body = {
        "person_id": str(family.mother),
        "recipient": str(tokens.agency("chorrera")),
        "purpose": "referral",
        "categories": ["name", "needs"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }
    refused = await api.post("/consents", json=body | changes, headers=desk)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert (await api.get(f"/people/{family.mother}/consents", headers=desk)).json() == []


async def test_another_agency_gets_not_found(api, desk, other_desk, register, consent, tokens):
    family = await register()
    recorded = await consent(family.mother, tokens.agency("iom"))
    for method, path in (
        ("GET", f"/consents/{recorded['consent_id']}"),
        ("POST", f"/consents/{recorded['consent_id']}/withdraw"),
        ("GET", f"/people/{family.mother}/consents"),
        ("GET", f"/people/{family.mother}"),
        ("GET", f"/people/{family.mother}/timeline"),
    ):
        assert (await api.request(method, path, headers=other_desk)).status_code == 404


async def test_a_consent_expires_at_its_time_and_is_recorded_once(
    api, desk, register, consent, tokens, database
):
    family = await register()
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    recorded = await consent(family.mother, tokens.agency("chorrera"), valid_until=soon.isoformat())
    headers = tokens.carried(tokens.of("chorrera", Duty.PROVIDER), by="referrals", to="intake")
    package = f"/packages/{recorded['package_id']}"
    assert (await api.get(package, headers=headers)).status_code == 200

    async def gone():
        return (await api.get(package, headers=headers)).status_code == 404

    await eventually(gone, what="the end of access")
    await expire_consents(database)
    await expire_consents(database)
    ended = (await api.get(f"/consents/{recorded['consent_id']}", headers=desk)).json()
    assert ended["state"] == "expired"
    kinds = [item["kind"] for item in (await _timeline(api, desk, family.mother))]
    assert kinds.count("consent_expired") == 1


async def test_a_consent_that_cannot_be_ended_does_not_stop_the_others(
    api, desk, register, consent, tokens, database, test_database
):
    for family in [await register() for _ in range(3)]:
        await consent(family.mother, tokens.agency("chorrera"))
    with psycopg.connect(test_database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE data.consent SET valid_until = now() - interval '1 minute' WHERE state = 'granted'"
        )
        admin.execute("SET session_replication_role = origin")
        (stuck,), *others = admin.execute("SELECT id FROM machinery.consents_to_expire(now())").fetchall()
        admin.execute(
            """CREATE FUNCTION data.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE 'no' USING ERRCODE = 'check_violation'; END $$"""
        )
        admin.execute(
            f"""CREATE TRIGGER stuck BEFORE UPDATE ON data.consent FOR EACH ROW
            WHEN (NEW.id = '{stuck}') EXECUTE FUNCTION data.refuse()"""
        )
        with pytest.raises(ExceptionGroup, match="1 item failed"):
            await expire_consents(database)
        left = admin.execute("SELECT id FROM machinery.consents_to_expire(now())").fetchall()
        assert (left, len(others) >= 2) == ([(stuck,)], True)
        admin.execute("DROP TRIGGER stuck ON data.consent")
    await expire_consents(database)
    assert (await api.get(f"/consents/{stuck}", headers=desk)).json()["state"] == "expired"


async def test_a_consent_with_a_past_end_is_refused(api, desk, register, tokens):
    family = await register()
    body = {
        "person_id": str(family.mother),
        "recipient": str(tokens.agency("chorrera")),
        "purpose": "referral",
        "categories": ["name"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
        "valid_until": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
    }
    refused = await api.post("/consents", json=body, headers=desk)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/valid_until")


async def _timeline(api, headers, person):
    return (await api.get(f"/people/{person}/timeline", headers=headers)).json()["items"]


async def _kinds(api, headers, person) -> set[str]:
    return {item["kind"] for item in await _timeline(api, headers, person)}
