"""Who records and reads which needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.desk.needs import rules
from intake.desk.needs.rules import NeedState
from solidary.language.codes.specific_needs import ConfidentialityTier, load_specific_needs
from solidary.language.problems import Forbidden, Invalid, NotAllowed
from solidary.platform.identity import Duty

CODES = sorted(load_specific_needs().codes)


@given(st.sampled_from(CODES))
def test_each_code_has_one_place_where_it_is_written(code):
    need = load_specific_needs().codes[code]
    mine, others = (rules.ordinary, rules.restricted)[
        :: 1 if need.tier is ConfidentialityTier.ORDINARY else -1
    ]
    if need.retired:
        with pytest.raises(Invalid):
            mine(code, "/code")
    else:
        assert mine(code, "/code").tier is need.tier
        with pytest.raises((Invalid, Forbidden)):
            others(code, "/code")


@pytest.mark.parametrize("state", NeedState)
@pytest.mark.parametrize("to", NeedState)
def test_only_an_open_need_is_met_or_closed(state, to):
    if state is NeedState.OPEN and to is not NeedState.OPEN:
        assert rules.move(state, to) is to
    else:
        with pytest.raises(NotAllowed):
            rules.move(state, to)


async def test_a_need_that_was_met_is_not_closed_again(api, desk, register):
    known = await register()
    need = (await api.get(f"/people/{known.grandmother}/needs", headers=desk)).json()[0]
    state = f"/people/{known.grandmother}/needs/{need['need_id']}/state"
    assert (await api.post(state, json={"to": "met"}, headers=desk)).status_code == 200
    assert (await api.post(state, json={"to": "closed"}, headers=desk)).status_code == 409
    assert (await api.post(state, json={"to": "open"}, headers=desk)).status_code == 409


@pytest.fixture
def officer(tokens):
    return tokens.of("unhcr", Duty.PROTECTION_OFFICER)


async def test_a_need_is_recorded_with_its_tier_and_list(api, desk, register):
    known = await register()
    answer = await api.post(
        f"/people/{known.child}/needs", json={"code": "CR-SE", "severity": "high"}, headers=desk
    )
    assert answer.status_code == 201
    need = answer.json()
    assert (need["tier"], need["category"], need["list_version"]) == (
        "ordinary",
        "education",
        load_specific_needs().version,
    )
    assert (await api.get(answer.headers["location"], headers=desk)).json() == need


async def test_the_same_open_need_is_recorded_once(api, desk, register):
    known = await register()
    refused = await api.post(f"/people/{known.child}/needs", json={"code": "CR-NE"}, headers=desk)
    assert refused.status_code == 409
    needs = (await api.get(f"/people/{known.child}/needs", headers=desk)).json()
    met = await api.post(
        f"/people/{known.child}/needs/{needs[0]['need_id']}/state", json={"to": "met"}, headers=desk
    )
    assert met.json()["state"] == "met"
    assert (
        await api.post(f"/people/{known.child}/needs", json={"code": "CR-NE"}, headers=desk)
    ).status_code == 201


async def test_the_desk_neither_writes_nor_reads_the_restricted_store(api, desk, officer, register):
    known = await register()
    where = f"/people/{known.mother}/restricted-needs"
    assert (
        await api.post(f"/people/{known.mother}/needs", json={"code": "TR-HO"}, headers=desk)
    ).status_code == 403
    assert (await api.post(where, json={"code": "TR-HO"}, headers=desk)).status_code == 403
    made = await api.post(where, json={"code": "TR-HO", "note": "canary note"}, headers=officer)
    assert made.status_code == 201
    assert (await api.get(where, headers=desk)).status_code == 403
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 403
    assert (await api.get(where, headers=officer)).json() == [made.json()]
    assert made.json()["note"] == "canary note"


async def test_a_restricted_need_shows_nowhere_else(api, desk, officer, register, place):
    known = await register()
    await api.post(f"/people/{known.mother}/restricted-needs", json={"code": "SV-VF"}, headers=officer)
    for path in ("", "/needs", "/timeline", "/consents"):
        shown = (await api.get(f"/people/{known.mother}{path}", headers=officer)).text
        assert "SV-VF" not in shown
        assert "restricted" not in shown
    assert "SV-VF" not in (await api.get(f"/households/{known.household}", headers=desk)).text


async def test_an_officer_of_another_agency_finds_nothing(api, tokens, officer, register):
    known = await register()
    where = f"/people/{known.mother}/restricted-needs"
    made = await api.post(where, json={"code": "SV-VF"}, headers=officer)
    theirs = tokens.of("iom", Duty.PROTECTION_OFFICER)
    assert (await api.get(where, headers=theirs)).status_code == 404
    assert (await api.get(made.headers["location"], headers=theirs)).status_code == 404
    assert (await api.post(where, json={"code": "SV-VF"}, headers=theirs)).status_code == 404


async def test_a_need_of_another_person_is_not_found_under_this_one(api, desk, register):
    known = await register()
    needs = (await api.get(f"/people/{known.child}/needs", headers=desk)).json()
    wrong = f"/people/{known.mother}/needs/{needs[0]['need_id']}"
    assert (await api.get(wrong, headers=desk)).status_code == 404
    assert (await api.post(f"{wrong}/state", json={"to": "met"}, headers=desk)).status_code == 404
