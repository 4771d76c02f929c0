"""The agencies that take part, as a member of one of them reads it."""

from __future__ import annotations

import pytest
from solidary.platform.identity import Duty
from solidary_testing.servers import api_client, settings_for


@pytest.fixture
def list_agencies(api, tokens):
    """Return all agencies by alias, as a member of UNHCR without a special duty reads them."""

    async def read(headers=None):
        found, after = {}, None
        while True:
            query = {"limit": 4} | ({"after": after} if after else {})
            answer = await api.get(
                "/agencies", params=query, headers=headers or tokens.of("unhcr", Duty.FACILITATOR)
            )
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["items"]) <= 4
            found |= {each["alias"]: each for each in answer.json()["items"]}
            after = answer.json().get("next")
            if after is None:
                return found

    return read


async def test_every_agency_is_listed_by_alias_with_its_id(list_agencies, tokens):
    found = await list_agencies()
    assert list(found) == sorted(found)
    assert {"casa-abierta", "chorrera", "iom", "manos-vecinas", "unhabitat", "unhcr"} <= found.keys()
    assert found["iom"]["agency_id"] == str(tokens.agency("iom"))
    assert (found["chorrera"]["name"], found["chorrera"]["country"]) == (
        "Municipio de La Chorrera (demostración)",
        "PA",
    )


async def test_an_agency_does_what_its_active_public_services_do(list_agencies, create_service):
    await create_service(category="education")
    await create_service(category="shelter", confidential=True)
    await create_service(category="health", status="inactive")
    assert (await list_agencies())["chorrera"]["categories"] == ["education"]


async def test_unlisted_agency_is_listed_to_itself_alone(run, service, service_database, tokens):
    listed = {"iom": [str(tokens.agency("iom")), "IOM"]}
    settings = settings_for(run, service_database, "referrals", agency_names=listed)
    async with api_client(service.application(settings)) as client:

        async def aliases(agency):
            answer = await client.get("/agencies", headers=tokens.of(agency, Duty.PROVIDER))
            return [each["alias"] for each in answer.json()["items"]]

        assert await aliases("iom") == ["iom"]
        assert await aliases("casa-abierta") == ["casa-abierta", "iom"]


async def test_a_cursor_of_another_list_is_refused(api, tokens):
    headers = tokens.of("unhcr", Duty.CASE_WORKER)
    services = await api.get("/referrals", params={"after": "x"}, headers=headers)
    agencies = await api.get("/agencies", params={"after": "WzFd"}, headers=headers)
    assert (services.status_code, agencies.status_code) == (422, 422)
