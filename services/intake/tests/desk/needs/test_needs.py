"""Needs: who records and reads which codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.desk.needs import rules
from solidary.language.codes.specific_needs import ConfidentialityTier, load_specific_needs
from solidary.language.problems import Forbidden, Invalid
from solidary.platform.identity import Duty

CODES = sorted(load_specific_needs().codes)


@given(st.sampled_from(CODES))
def test_each_code_is_either_ordinary_or_restricted(code):
    need = load_specific_needs().codes[code]
    own, other = (rules.require_ordinary_code, rules.require_restricted_code)[
        :: 1 if need.tier is ConfidentialityTier.ORDINARY else -1
    ]
    if need.retired:
        with pytest.raises(Invalid):
            own(code, "/code")
    else:
        assert own(code, "/code").tier is need.tier
        with pytest.raises((Invalid, Forbidden)):
            other(code, "/code")


async def test_a_need_that_was_met_cannot_be_closed_or_reopened(api, desk, register):
    family = await register()
    need = (await api.get(f"/people/{family.grandmother}/needs", headers=desk)).json()[0]
    state = f"/people/{family.grandmother}/needs/{need['need_id']}/state"
    assert (await api.post(state, json={"to": "met"}, headers=desk)).status_code == 200
    assert (await api.post(state, json={"to": "closed"}, headers=desk)).status_code == 409
    assert (await api.post(state, json={"to": "open"}, headers=desk)).status_code == 409


@pytest.fixture
def officer(tokens):
    return tokens.of("unhcr", Duty.PROTECTION_OFFICER) | {"Solidary-Reason": "person_present"}


async def test_a_need_is_recorded_with_its_tier_and_list(api, desk, register):
    family = await register()
    response = await api.post(
        f"/people/{family.child}/needs", json={"code": "CR-SE", "severity": "high"}, headers=desk
    )
    assert response.status_code == 201
    need = response.json()
    assert (need["tier"], need["category"], need["list_version"]) == (
        "ordinary",
        "education",
        load_specific_needs().version,
    )
    assert (await api.get(response.headers["location"], headers=desk)).json() == need


async def test_a_need_is_open_once_and_may_be_recorded_again_after_it_was_met(api, desk, register):
    family = await register()
    refused = await api.post(f"/people/{family.child}/needs", json={"code": "CR-NE"}, headers=desk)
    assert refused.status_code == 409
    needs = (await api.get(f"/people/{family.child}/needs", headers=desk)).json()
    met = await api.post(
        f"/people/{family.child}/needs/{needs[0]['need_id']}/state", json={"to": "met"}, headers=desk
    )
    assert met.json()["state"] == "met"
    assert (
        await api.post(f"/people/{family.child}/needs", json={"code": "CR-NE"}, headers=desk)
    ).status_code == 201


async def test_the_desk_neither_records_nor_reads_restricted_needs(api, desk, officer, register):
    family = await register()
    path = f"/people/{family.mother}/restricted-needs"
    assert (
        await api.post(f"/people/{family.mother}/needs", json={"code": "TR-HO"}, headers=desk)
    ).status_code == 403
    assert (await api.post(path, json={"code": "TR-HO"}, headers=desk)).status_code == 403
    made = await api.post(path, json={"code": "TR-HO", "note": "canary note"}, headers=officer)
    assert made.status_code == 201
    assert (await api.get(path, headers=desk)).status_code == 403
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 403
    assert (await api.get(path, headers=officer)).json() == [made.json()]
    assert made.json()["note"] == "canary note"


async def test_a_restricted_need_is_not_shown_anywhere_else(api, desk, officer, register, test_database):
    family = await register()
    await api.post(f"/people/{family.mother}/restricted-needs", json={"code": "SV-VF"}, headers=officer)
    for page in ("", "/needs", "/timeline", "/consents"):
        shown = (await api.get(f"/people/{family.mother}{page}", headers=officer)).text
        assert "SV-VF" not in shown
        assert "restricted" not in shown
    assert "SV-VF" not in (await api.get(f"/households/{family.household}", headers=desk)).text


async def test_an_officer_of_another_agency_gets_not_found(api, tokens, officer, register):
    family = await register()
    path = f"/people/{family.mother}/restricted-needs"
    made = await api.post(path, json={"code": "SV-VF"}, headers=officer)
    theirs = tokens.of("iom", Duty.PROTECTION_OFFICER) | {"Solidary-Reason": "emergency"}
    assert (await api.get(path, headers=theirs)).status_code == 404
    assert (await api.get(made.headers["location"], headers=theirs)).status_code == 404
    assert (await api.post(path, json={"code": "SV-VF"}, headers=theirs)).status_code == 404


async def test_a_need_of_another_person_is_not_found_under_this_one(api, desk, register):
    family = await register()
    needs = (await api.get(f"/people/{family.child}/needs", headers=desk)).json()
    wrong = f"/people/{family.mother}/needs/{needs[0]['need_id']}"
    assert (await api.get(wrong, headers=desk)).status_code == 404
    assert (await api.post(f"{wrong}/state", json={"to": "met"}, headers=desk)).status_code == 404
