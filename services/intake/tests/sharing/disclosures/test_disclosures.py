"""Reads under a consent: packages, coded profiles and payees."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens


@pytest.fixture
def chorrera(tokens: Tokens):
    return tokens.agency("chorrera")


@pytest.fixture
def for_chorrera(tokens, chorrera):
    return carried_by_referrals(tokens, "chorrera")


@pytest.fixture
def for_iom(tokens):
    return tokens.carried(tokens.of("iom", Duty.CASH_RELEASER), by="cash", to="intake")


def carried_by_referrals(tokens, agency):
    return tokens.carried(tokens.of(agency, Duty.PROVIDER), by="referrals", to="intake")


async def test_the_recipient_reads_what_the_consent_names(api, register, consent, chorrera, for_chorrera):
    family = await register()
    recorded = await consent(
        family.child, chorrera, given_by=str(family.mother), assent=True, needs=["CR-NE"]
    )
    package = (await api.get(f"/packages/{recorded['package_id']}", headers=for_chorrera)).json()
    assert package == {
        "package_id": recorded["package_id"],
        "consent_id": recorded["consent_id"],
        "purpose": "referral",
        "person_id": str(family.child),
        "household_id": str(family.household),
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


async def test_immigration_status_is_included_only_where_the_consent_names_it(
    api, register, consent, chorrera, for_chorrera
):
    family = await register()
    plain = await consent(family.mother, chorrera)
    exact = await consent(family.mother, chorrera, categories=["name", "immigration_status"])
    without = (await api.get(f"/packages/{plain['package_id']}", headers=for_chorrera)).text
    within = (await api.get(f"/packages/{exact['package_id']}", headers=for_chorrera)).json()
    assert "asylum" not in without
    assert within["data"]["population_group"] == "asylum_seeker"


async def test_withdrawing_ends_access(api, desk, register, consent, chorrera, for_chorrera):
    family = await register()
    recorded = await consent(family.mother, chorrera)
    path = f"/packages/{recorded['package_id']}"
    assert (await api.get(path, headers=for_chorrera)).status_code == 200
    await api.post(f"/consents/{recorded['consent_id']}/withdraw", headers=desk)
    assert (await api.get(path, headers=for_chorrera)).status_code == 404


async def test_a_package_is_not_found_for_anybody_else(api, desk, register, consent, tokens, chorrera):
    family = await register()
    path = f"/packages/{(await consent(family.mother, chorrera))['package_id']}"
    for alias in ("iom", "unhabitat", "unhcr"):
        headers = carried_by_referrals(tokens, alias)
        assert (await api.get(path, headers=headers)).status_code == 404
    assert (await api.get(path, headers=tokens.service("market", acting_for=chorrera))).status_code == 401
    assert (await api.get(path, headers=desk)).status_code == 403
    alone = tokens.service("referrals", acting_for=chorrera)
    assert (await api.get(path, headers=alone)).status_code == 403
    for_chorrera = carried_by_referrals(tokens, "chorrera")
    assert (await api.get(f"/packages/{uuid4()}", headers=for_chorrera)).status_code == 404


async def test_consent_for_cash_opens_no_package_of_a_referral(api, register, consent, tokens, for_iom):
    family = await register()
    cash = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    recorded = await consent(family.mother, tokens.agency("iom"), **cash)
    path = f"/packages/{recorded['package_id']}"
    assert (await api.get(path, headers=for_iom)).status_code == 403
    assert (await api.get(path, headers=carried_by_referrals(tokens, "iom"))).status_code == 404


async def test_the_profile_is_coded_and_current(api, desk, register, consent, tokens, for_iom):
    family = await register(own_income=12000, other_aid=500)
    recorded = await consent(
        family.mother, tokens.agency("iom"), purpose="cash", categories=["household_profile", "payee"]
    )
    path = f"/profiles/{family.household}?package_id={recorded['package_id']}"
    profile = (await api.get(path, headers=for_iom)).json()
    facts = {
        "makers",
        "is_provisional",
        "account_fingerprint",
        "account_changed",
        "account_confirmed",
        "tokens",
    }
    assert profile.keys() > facts
    assert {name: value for name, value in profile.items() if name not in facts} == {
        "household_id": str(family.household),
        "version": 1,
        "payout_version": 0,
        "size": 3,
        "age_bands": {"18-59": 1, "5-11": 1, "60+": 1},
        "disability": 1,
        "shelter": "rented_room",
        "area": "PA110403",
        "own_income": 12000,
        "other_aid": 500,
        "currency": "PAB",
    }
    await api.put(f"/households/{family.household}", json={"area": "PA110404"}, headers=desk)
    assert (await api.get(path, headers=for_iom)).json()["version"] == 2
    assert (
        await api.get(f"/profiles/{uuid4()}?package_id={recorded['package_id']}", headers=for_iom)
    ).status_code == 404


async def test_a_consent_for_a_referral_opens_no_profile(api, register, consent, tokens, for_iom):
    family = await register()
    recorded = await consent(family.mother, tokens.agency("iom"))
    path = f"/profiles/{family.household}?package_id={recorded['package_id']}"
    assert (await api.get(path, headers=for_iom)).status_code == 404


async def test_payees_are_read_together_and_only_under_a_consent(
    api, desk, register, consent, tokens, read_payees
):
    paid, without_account, withdrawn = [await register() for _ in range(3)]
    payout = {"kind": "account", "reference": "0412990001", "provider": "Banco Ficticio"}
    set_ = await api.put(f"/people/{paid.mother}/payout", json=payout, headers=desk)
    assert set_.status_code == 200
    cash = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    consents = [
        await consent(one.mother, tokens.agency("iom"), **cash) for one in (paid, without_account, withdrawn)
    ]
    await api.post(f"/consents/{consents[2]['consent_id']}/withdraw", headers=desk)
    ids = [one["package_id"] for one in consents]
    response = await read_payees([*ids, str(uuid4())])
    assert response.status_code == 200
    assert [payee["package_id"] for payee in response.json()] == ids[:2]
    first, second = response.json()
    assert (first["name"], first["payout"]) == ("Yuleisy Zambrano Canarés", payout)
    assert (second["payout"], second["document"]) == (None, None)


async def test_each_read_is_logged_by_the_owner_and_cannot_be_removed(
    api, register, consent, chorrera, for_chorrera, tokens, database, test_database
):
    family = await register()
    recorded = await consent(family.mother, chorrera)
    for _ in range(2):
        await api.get(f"/packages/{recorded['package_id']}", headers=for_chorrera)
    with psycopg.connect(test_database.admin) as admin:
        log = admin.execute(
            "SELECT agency, service, cause, recipient FROM data.access_entry WHERE reference = %s",
            (recorded["package_id"],),
        ).fetchall()
    assert log == [(tokens.agency("unhcr"), "referrals", None, chorrera)] * 2
    with psycopg.connect(test_database.roles["app"]) as app:
        app.execute("SELECT set_config('app.agency', %s, true)", (str(tokens.agency("unhcr")),))
        for change in ("UPDATE data.access_entry SET action = ''", "DELETE FROM data.access_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(change)


async def test_a_package_never_contains_restricted_needs(
    api, tokens, register, consent, chorrera, for_chorrera, desk
):
    family = await register()
    officer = tokens.of("unhcr", Duty.PROTECTION_OFFICER) | {"Solidary-Reason": "emergency"}
    path = f"/people/{family.mother}/restricted-needs"
    assert (await api.post(path, json={"code": "SV-VF"}, headers=officer)).status_code == 201
    body = {
        "person_id": str(family.mother),
        "recipient": str(chorrera),
        "purpose": "referral",
        "categories": ["needs"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
        "needs": ["SV-VF"],
    }
    assert (await api.post("/consents", json=body, headers=desk)).status_code == 422
    recorded = await consent(family.mother, chorrera)
    assert "SV-" not in json.dumps(
        (await api.get(f"/packages/{recorded['package_id']}", headers=for_chorrera)).json()
    )


@pytest.fixture
async def profile_of(api, register, consent, tokens, for_iom, read_payees):
    """A family under a consent for cash, and the function that reads their profile."""
    family = await register()
    recorded = await consent(
        family.mother, tokens.agency("iom"), purpose="cash", categories=["household_profile", "payee"]
    )

    async def read_profile():
        path = f"/profiles/{family.household}?package_id={recorded['package_id']}"
        profile = (await api.get(path, headers=for_iom)).json()
        (payee,) = (await read_payees([recorded["package_id"]])).json()
        assert payee["payout_version"] == profile["payout_version"]
        return profile

    return family, read_profile


def published_versions(test_database, household) -> list[int]:
    """Return the versions of the household in the outbox."""
    with psycopg.connect(test_database.admin) as admin:
        found = admin.execute(
            """SELECT (payload::jsonb ->> 'version')::int FROM machinery.outbox
            WHERE aggregateid = %s AND type LIKE '%%household.changed%%' ORDER BY 1""",
            (str(household),),
        )
        return [version for (version,) in found]


async def test_another_account_is_another_version_and_is_logged(api, desk, tokens, profile_of, test_database):
    family, read_profile = profile_of
    assert (await read_profile())["payout_version"] == 0
    for reference, version in (("0412990001", 1), ("0412990001", 1), ("0412990999", 2)):
        payout = {"kind": "account", "reference": reference}
        await api.put(f"/people/{family.mother}/payout", json=payout, headers=desk)
        profile = await read_profile()
        assert (profile["payout_version"], profile["version"]) == (version, 1 + version)
    assert "0412990999" not in json.dumps(profile)
    assert published_versions(test_database, family.household) == [1, 2, 3]
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    log = (await api.get(f"/access-log?about={family.mother}", headers=auditor)).json()["items"]
    assert [entry["action"] for entry in log].count("payout_written") == 3
    timeline = (await api.get(f"/people/{family.mother}/timeline", headers=desk)).json()["items"]
    assert [line["kind"] for line in timeline].count("payout_changed") == 2


async def test_another_name_of_the_payee_is_another_version(api, desk, profile_of):
    family, read_profile = profile_of
    payout = {"kind": "collection", "reference": "Agencia 12"}
    await api.put(f"/people/{family.mother}/payout", json=payout, headers=desk)
    person = (await api.get(f"/people/{family.mother}", headers=desk)).json()["identity"]
    await api.put(f"/people/{family.mother}/identity", json=person | {"note": "llegó tarde"}, headers=desk)
    assert (await read_profile())["payout_version"] == 1
    await api.put(f"/people/{family.mother}/identity", json=person | {"surname": "Otra"}, headers=desk)
    assert (await read_profile())["payout_version"] == 2


async def test_a_change_of_the_profile_is_a_new_version(api, desk, profile_of, test_database):
    family, read_profile = profile_of
    path = f"/people/{family.mother}/needs"
    need = (await api.post(path, json={"code": "WG-MOB"}, headers=desk)).json()
    profile = await read_profile()
    assert (profile["disability"], profile["version"]) == (2, 2)
    await api.post(path, json={"code": "CR-NE"}, headers=desk)
    assert (await read_profile())["version"] == 2
    await api.post(f"{path}/{need['need_id']}/state", json={"to": "met"}, headers=desk)
    profile = await read_profile()
    assert (profile["disability"], profile["version"]) == (1, 3)
    person = (await api.get(f"/people/{family.child}", headers=desk)).json()["identity"]
    await api.put(f"/people/{family.child}/identity", json=person | {"born": "2001-03-09"}, headers=desk)
    profile = await read_profile()
    assert (profile["age_bands"], profile["version"]) == ({"18-59": 2, "60+": 1}, 4)
    assert published_versions(test_database, family.household) == [1, 2, 3, 4]


@pytest.fixture
def use(api, tokens):
    """Use the consent of a package for a new referral, for an agency, and return the answer."""

    async def use(package: str, agency: str, service: str = "referrals", reference: str = ""):
        headers = tokens.service(service, acting_for=tokens.agency(agency))
        body = {"reference": reference or str(uuid4())}
        return await api.post(f"/packages/{package}/uses", json=body, headers=headers)

    return use


async def test_consent_is_confirmed_to_its_owner_and_its_recipient_while_it_is_in_force(
    api, desk, register, consent, chorrera, tokens, use
):
    family = await register()
    recorded = await consent(family.mother, chorrera)
    package = recorded["package_id"]
    for agency, service in (("unhcr", "referrals"), ("chorrera", "referrals"), ("chorrera", "cash")):
        assert (await use(package, agency, service)).json() == {
            "consent_id": recorded["consent_id"],
            "package_id": package,
            "person_id": str(family.mother),
            "household_id": str(family.household),
            "purpose": "referral",
            "owner": str(tokens.agency("unhcr")),
            "recipient": str(chorrera),
            "valid_until": recorded["valid_until"],
        }
    assert (await use(package, "iom")).status_code == 404
    assert (await use(package, "unhcr", "planning")).status_code in (401, 403)
    person = await api.post(f"/packages/{package}/uses", json={"reference": str(uuid4())}, headers=desk)
    assert person.status_code == 403
    await api.post(f"/consents/{recorded['consent_id']}/withdraw", headers=desk)
    for agency in ("unhcr", "chorrera"):
        assert (await use(package, agency)).status_code == 404


async def test_every_use_of_a_consent_is_logged(api, register, consent, chorrera, use, test_database):
    family = await register()
    package = (await consent(family.mother, chorrera))["package_id"]
    reference = str(uuid4())
    for _ in range(2):
        assert (await use(package, "chorrera", reference=reference)).status_code == 200
    with psycopg.connect(test_database.admin) as admin:
        logged = admin.execute(
            "SELECT service, recipient FROM data.access_entry WHERE root = %s AND action = 'consent_used'",
            [family.mother],
        ).fetchall()
    assert logged == [("referrals", chorrera)] * 2


async def test_preview_has_the_coded_facts_that_the_consent_covers_and_is_logged(
    api, register, consent, chorrera, for_chorrera, tokens, test_database
):
    family = await register()
    full = await consent(family.child, chorrera, given_by=str(family.mother), assent=True, needs=["CR-NE"])
    little = await consent(family.mother, chorrera, categories=["name", "language"])

    async def preview(recorded, headers=for_chorrera):
        return await api.get(f"/packages/{recorded['package_id']}/preview", headers=headers)

    assert (await preview(full)).json() == {"needs": ["CR-NE"], "age_band": "5-11", "language": "spa"}
    assert (await preview(little)).json() == {"needs": None, "age_band": None, "language": "spa"}
    sender = tokens.service("referrals", acting_for=tokens.agency("unhcr"))
    assert (await preview(full, sender)).status_code in (403, 404)
    assert (await preview(full, tokens.service("cash", acting_for=chorrera))).status_code == 403
    with psycopg.connect(test_database.admin) as admin:
        logged = admin.execute(
            "SELECT action, recipient FROM data.access_entry WHERE root = %s AND reference = %s",
            [family.child, full["package_id"]],
        ).fetchall()
    assert logged == [("preview_fetched", chorrera)]
