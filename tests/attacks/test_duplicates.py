"""Attacks on the list of people who may be registered twice: people of others, and decisions that are not one's own."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import uuid4

import httpx
import pytest
from solidary.platform.identity import SOFTWARE_DUTIES, Duty
from solidary_testing.tokens import Tokens

from tests.attacks.test_agency_software import client_of
from tests.conftest import ScenarioRun

Headers = dict[str, str]


@pytest.fixture
def intake(scenario_run: ScenarioRun) -> str:
    return scenario_run.run.services["intake"]


def register_twice(url: str, headers: Headers, number: str) -> tuple[str, str]:
    """Register a person with this document twice, without a search; return the ids."""
    member = {
        "given_name": "Ana",
        "surname": f"Prueba {number}",
        "relation": "head",
        "sex": "female",
        "population_group": "refugee",
        "documents": [{"kind": "passport", "number": number}],
    }
    body = {"household": {"area": "PA1104"}, "members": [member]}
    answers = [httpx.put(f"{url}/registrations/{uuid4()}", json=body, headers=headers) for _ in range(2)]
    first, second = (each.raise_for_status().json()["members"][0]["person_id"] for each in answers)
    return first, second


def listed(url: str, headers: Headers, **query: Any) -> list[dict[str, Any]]:
    answer = httpx.get(f"{url}/provisional-people", params={"limit": 200, **query}, headers=headers)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return found


def test_another_agencys_people_are_neither_listed_nor_candidates_nor_decided(
    intake: str, tokens: Tokens
) -> None:
    """Register the same person at two agencies, and ask each about those of the other."""
    number = f"DUP-{secrets.token_hex(4)}"
    desk, stranger = (tokens.of(agency, Duty.FRONT_DESK) for agency in ("unhcr", "iom"))
    own, theirs = register_twice(intake, desk, number), register_twice(intake, stranger, number)
    for headers, people, others in ((desk, own, theirs), (stranger, theirs, own)):
        items = listed(intake, headers)
        shown = {each["person_id"] for each in items}
        shown |= {candidate["person_id"] for each in items for candidate in each["candidates"]}
        assert people[1] in shown
        assert shown.isdisjoint(others)
    for person, other in ((own[1], own[0]), (theirs[1], own[0])):
        answer = httpx.put(f"{intake}/people/{person}/same-as", json={"person_id": other}, headers=stranger)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("duty", "reads"),
    [(Duty.SOFTWARE_READ, True), (Duty.SOFTWARE_REGISTER, False), (Duty.PROVIDER, False)],
)
def test_software_and_others_decide_about_nobody(
    scenario_run: ScenarioRun, intake: str, tokens: Tokens, duty: Duty, reads: bool
) -> None:
    desk = tokens.of("unhcr", Duty.FRONT_DESK)
    first, second = register_twice(intake, desk, f"DUP-{secrets.token_hex(4)}")
    is_software = duty in SOFTWARE_DUTIES
    other = client_of(scenario_run.run, "unhcr", duty)[1] if is_software else tokens.of("unhcr", duty)
    assert httpx.get(f"{intake}/provisional-people", headers=other).is_success is reads
    path = f"{intake}/people/{second}/same-as"
    assert httpx.put(path, json={"person_id": first}, headers=other).status_code == 403
    assert second in {each["person_id"] for each in listed(intake, desk)}


def test_page_is_bounded_however_many_people_have_the_same_document(intake: str, tokens: Tokens) -> None:
    desk, number = tokens.of("unhcr", Duty.FRONT_DESK), f"DUP-{secrets.token_hex(4)}"
    twice = {person for _ in range(7) for person in register_twice(intake, desk, number)}
    shown = [each for each in listed(intake, desk) if each["person_id"] in twice]
    assert len(shown) == len(twice) - 1, "the first of them was not provisional"
    assert all(len(each["candidates"]) == 10 for each in shown)
