"""What a recipient reads, and who else does not."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from solidary.testing.tokens import Tokens


@pytest.fixture
def chorrera(tokens: Tokens):
    return tokens.agency("chorrera")


@pytest.fixture
def for_chorrera(tokens, chorrera):
    return tokens.service("referrals", acting_for=chorrera)


@pytest.fixture
def for_iom(tokens):
    return tokens.service("cash", acting_for=tokens.agency("iom"))


async def test_the_recipient_reads_what_the_consent_names(api, register, consent, chorrera, for_chorrera):
    known = await register()
    said = await consent(known.child, chorrera, given_by=str(known.mother), needs=["CR-NE"])
    package = (await api.get(f"/packages/{said['package_id']}", headers=for_chorrera)).json()
    assert package == {
        "package_id": said["package_id"],
        "consent_id": said["consent_id"],
        "purpose": "referral",
        "person_id": str(known.child),
        "household_id": str(known.household),
        "data": {
            "given_name": "Brayan",
            "surname": "Zambrano",
            "second_surname": None,
            "contact": {"telephone": "+50761234567", "caregiver": "Yuleisy Zambrano Canarés"},
            "language": "spa",
            "birth_year": 2017,
            "age_band": "5-11",
            "needs": ["CR-NE"],
            "documents_held": {
                "identity_document": False,
                "birth_certificate": False,
                "school_records": False,
            },
        },
    }


async def test_immigration_status_is_told_only_where_the_consent_names_it(
    api, register, consent, chorrera, for_chorrera
):
    known = await register()
    plain = await consent(known.mother, chorrera)
    exact = await consent(known.mother, chorrera, categories=["name", "immigration_status"])
    without = (await api.get(f"/packages/{plain['package_id']}", headers=for_chorrera)).text
    within = (await api.get(f"/packages/{exact['package_id']}", headers=for_chorrera)).json()
    assert "asylum" not in without
    assert within["data"]["population_group"] == "asylum_seeker"


async def test_withdrawing_ends_access(api, desk, register, consent, chorrera, for_chorrera):
    known = await register()
    said = await consent(known.mother, chorrera)
    where = f"/packages/{said['package_id']}"
    assert (await api.get(where, headers=for_chorrera)).status_code == 200
    await api.post(f"/consents/{said['consent_id']}/withdraw", headers=desk)
    assert (await api.get(where, headers=for_chorrera)).status_code == 404


async def test_a_package_is_not_found_for_anybody_else(api, desk, register, consent, tokens, chorrera):
    known = await register()
    where = f"/packages/{(await consent(known.mother, chorrera))['package_id']}"
    for alias in ("iom", "unhabitat", "unhcr"):
        headers = tokens.service("referrals", acting_for=tokens.agency(alias))
        assert (await api.get(where, headers=headers)).status_code == 404
    assert (await api.get(where, headers=tokens.service("market", acting_for=chorrera))).status_code == 403
    assert (await api.get(where, headers=desk)).status_code == 403
    assert (
        await api.get(f"/packages/{uuid4()}", headers=tokens.service("referrals", acting_for=chorrera))
    ).status_code == 404


async def test_the_profile_is_coded_and_current(api, desk, register, consent, tokens, for_iom):
    known = await register(own_income=12000, other_aid=500)
    said = await consent(
        known.mother, tokens.agency("iom"), purpose="cash", categories=["household_profile", "payee"]
    )
    where = f"/profiles/{known.household}?package_id={said['package_id']}"
    profile = (await api.get(where, headers=for_iom)).json()
    assert profile == {
        "household_id": str(known.household),
        "version": 1,
        "size": 3,
        "age_bands": {"18-59": 1, "5-11": 1, "60+": 1},
        "disability": 1,
        "shelter": "rented_room",
        "area": "PA110403",
        "own_income": 12000,
        "other_aid": 500,
        "currency": "PAB",
    }
    await api.put(f"/households/{known.household}", json={"area": "PA110404"}, headers=desk)
    assert (await api.get(where, headers=for_iom)).json()["version"] == 2
    assert (
        await api.get(f"/profiles/{uuid4()}?package_id={said['package_id']}", headers=for_iom)
    ).status_code == 404


async def test_a_consent_for_a_referral_opens_no_profile(api, register, consent, tokens, for_iom):
    known = await register()
    said = await consent(known.mother, tokens.agency("iom"))
    where = f"/profiles/{known.household}?package_id={said['package_id']}"
    assert (await api.get(where, headers=for_iom)).status_code == 404


async def test_payees_are_told_set_wise_and_only_under_consent(api, desk, register, consent, tokens, for_iom):
    paid, silent, stopped = [await register() for _ in range(3)]
    payout = {"kind": "account", "reference": "0123456789", "provider": "Banco Ficticio"}
    set_ = await api.put(f"/people/{paid.mother}/payout", json=payout, headers=desk)
    assert set_.status_code == 200
    cash = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    consents = [await consent(one.mother, tokens.agency("iom"), **cash) for one in (paid, silent, stopped)]
    await api.post(f"/consents/{consents[2]['consent_id']}/withdraw", headers=desk)
    ids = [one["package_id"] for one in consents]
    answer = await api.post("/payees", json={"package_ids": [*ids, str(uuid4())]}, headers=for_iom)
    assert answer.status_code == 200
    assert [payee["package_id"] for payee in answer.json()] == ids[:2]
    first, second = answer.json()
    assert (first["name"], first["payout"]) == ("Yuleisy Zambrano Canarés", payout)
    assert (second["payout"], second["document"]) == (None, None)


async def test_too_many_payees_at_once_are_refused(api, for_iom):
    body = {"package_ids": [str(uuid4()) for _ in range(1001)]}
    assert (await api.post("/payees", json=body, headers=for_iom)).status_code == 422


async def test_each_reading_is_logged_by_the_owner_and_cannot_be_unsaid(
    api, register, consent, chorrera, for_chorrera, tokens, database, place
):
    known = await register()
    said = await consent(known.mother, chorrera)
    for _ in range(2):
        await api.get(f"/packages/{said['package_id']}", headers=for_chorrera)
    import psycopg

    with psycopg.connect(place.admin) as admin:
        log = admin.execute(
            "SELECT agency, service, recipient FROM data.access_entry WHERE reference = %s",
            (said["package_id"],),
        ).fetchall()
    assert log == [(tokens.agency("unhcr"), "referrals", chorrera)] * 2
    with psycopg.connect(place.roles["app"]) as app:
        app.execute("SELECT set_config('app.agency', %s, true)", (str(tokens.agency("unhcr")),))
        for change in ("UPDATE data.access_entry SET action = ''", "DELETE FROM data.access_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(change)


async def test_restricted_needs_stand_in_no_package(
    api, tokens, register, consent, chorrera, for_chorrera, desk
):
    from solidary.identity import Duty

    known = await register()
    officer = tokens.of("unhcr", Duty.PROTECTION_OFFICER)
    await api.post(f"/people/{known.mother}/restricted-needs", json={"code": "SV-VF"}, headers=officer)
    body = {
        "person_id": str(known.mother),
        "recipient": str(chorrera),
        "purpose": "referral",
        "categories": ["needs"],
        "basis": "consent",
        "needs": ["SV-VF"],
    }
    assert (await api.post("/consents", json=body, headers=desk)).status_code == 422
    said = await consent(known.mother, chorrera)
    assert "SV-" not in json.dumps(
        (await api.get(f"/packages/{said['package_id']}", headers=for_chorrera)).json()
    )
