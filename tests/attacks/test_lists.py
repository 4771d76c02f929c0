"""Attacks on lists: learn of agencies what is not public, or read rows by a filter."""

from __future__ import annotations

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from tests.conftest import ScenarioRun

SHOWN = {"agency_id", "alias", "name", "country", "categories"}


@pytest.fixture
def referrals(scenario_run: ScenarioRun) -> str:
    return scenario_run.run.services["referrals"]


def test_agencies_are_for_members_of_an_agency(referrals: str, tokens: Tokens) -> None:
    assert httpx.get(f"{referrals}/agencies").status_code == 401
    service = tokens.service("cash", acting_for=tokens.agency("iom"))
    assert httpx.get(f"{referrals}/agencies", headers=service).status_code == 403


def test_list_of_agencies_discloses_nothing_that_is_not_public(
    scenario_run: ScenarioRun, referrals: str, tokens: Tokens
) -> None:
    answer = httpx.get(f"{referrals}/agencies", headers=tokens.of("iom", Duty.FACILITATOR))
    agencies = answer.raise_for_status().json()["items"]
    assert all(each.keys() == SHOWN for each in agencies)
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="referrals") as connection:
        public = connection.execute(
            "SELECT DISTINCT agency, category FROM published.service WHERE status = 'active'"
        ).fetchall()
        secret = connection.execute("SELECT agency, category FROM data.service WHERE confidential").fetchall()
    assert secret, "the scenario has a confidential service"
    shown = {(each["agency_id"], category) for each in agencies for category in each["categories"]}
    assert shown == {(str(agency), category) for agency, category in public}


def test_filters_of_another_agencys_ids_find_nothing_of_it(
    scenario_run: ScenarioRun, referrals: str, tokens: Tokens
) -> None:
    own = tokens.agency("unhabitat")
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="referrals") as connection:
        rows = connection.execute(
            "SELECT service_id, person_id, receiver, id FROM data.referral WHERE %s NOT IN (agency, receiver)",
            [own],
        ).fetchall()
    stranger = tokens.of("unhabitat", Duty.CASE_WORKER)
    filters = [
        {name: value}
        for row in rows
        for name, value in zip(("service_id", "person_id", "receiver"), row, strict=False)
        if value is not None
    ]
    foreign = {str(row[3]) for row in rows}
    assert foreign
    for query in filters:
        found = httpx.get(f"{referrals}/referrals", params=query, headers=stranger)
        assert found.status_code == 200, query
        assert foreign.isdisjoint(each["id"] for each in found.json()["items"]), query
