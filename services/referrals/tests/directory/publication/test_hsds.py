from __future__ import annotations

import json
from uuid import uuid4

import pytest
from referrals.engines.hsds.validation import validate
from solidary.platform.identity import Duty


def assert_hsds(tmp_path, document) -> None:
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(document))
    report = validate(file)
    assert report.is_valid, report.findings
    assert report.objects >= 1


async def test_root_describes_the_api(api):
    description = (await api.get("/")).json()
    assert description["version"] == "3.1"
    assert (await api.get(description["openapi_url"])).status_code == 200


async def test_public_service_is_hsds_without_a_token(api, create_service, editor, tmp_path):
    made = await create_service()
    where = f"/directory/services/{made['service_id']}/capacity"
    await api.put(where, json={"available": 3, "maximum": 8}, headers=editor)
    shown = (await api.get(f"/services/{made['service_id']}")).json()
    assert_hsds(tmp_path, shown)
    assert shown["name"] == made["name"]
    assert shown["organization"]["name"] == "Oficina de Educación"
    assert shown["schedules"][0]["byday"] == "MO,TU,WE,TH,FR"
    assert shown["capacities"][0]["available"] == 3
    assert shown["service_at_locations"][0]["location"]["latitude"] == 8.8786
    assert shown == (await api.get(f"/services/{made['service_id']}")).json()


async def test_pages_have_the_fields_of_the_standard(api, create_service, tmp_path):
    mark = uuid4().hex
    for number in range(5):
        await create_service(name=f"{mark} {number}")
    seen = []
    for number in (1, 2, 3):
        page = (await api.get("/services", params={"search": mark, "page": number, "per_page": 2})).json()
        assert_hsds(tmp_path, page)
        assert (page["total_items"], page["total_pages"], page["page_number"]) == (5, 3, number)
        assert (page["first_page"], page["last_page"]) == (number == 1, number == 3)
        seen += [service["name"] for service in page["contents"]]
    assert seen == [f"{mark} {number}" for number in range(5)]
    empty = (await api.get("/services", params={"search": mark, "page": 4, "per_page": 2})).json()
    assert (empty["empty"], empty["contents"], empty["last_page"]) == (True, [], True)


async def test_filters_are_cumulative(api, create_service, tokens):
    mark = uuid4().hex
    ours = await create_service(name=f"{mark} a")
    await create_service(tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR), name=f"{mark} b")
    filters = {"search": mark, "organization_id": str(tokens.agency("chorrera"))}
    found = (await api.get("/services", params=filters)).json()
    assert [service["id"] for service in found["contents"]] == [ours["service_id"]]
    filters["modified_after"] = "2999-01-01T00:00:00Z"
    assert (await api.get("/services", params=filters)).json()["empty"]


async def test_published_times_are_days_also_for_the_filter(api, create_service, editor):
    mark = uuid4().hex
    made = await create_service(name=mark)
    where = f"/directory/services/{made['service_id']}"
    changed = (await api.put(f"{where}/capacity", json={"available": 3}, headers=editor)).json()
    shown = (await api.get(f"/services/{made['service_id']}")).json()
    day = f"{changed['modified'][:10]}T00:00:00+00:00"
    assert (shown["last_modified"], shown["capacities"][0]["updated"]) == (day, day)
    for moment in (changed["modified"], f"{changed['modified'][:10]}T23:59:59Z"):
        filters = {"search": mark, "modified_after": moment}
        assert (await api.get("/services", params=filters)).json()["total_items"] == 1


async def test_minimal_entries_as_ndjson(api, create_service):
    mark = uuid4().hex
    await create_service(name=f"{mark} a")
    await create_service(name=f"{mark} b")
    params = {"search": mark, "format": "ndjson", "minimal": "true"}
    lines = (await api.get("/services", params=params)).text.splitlines()
    assert [json.loads(line)["name"] for line in lines] == [f"{mark} a", f"{mark} b"]
    assert "schedules" not in lines[0]


@pytest.mark.parametrize(
    "params", [{"page": 0}, {"per_page": 0}, {"per_page": 999}, {"format": "xml"}, {"modified_after": "soon"}]
)
async def test_invalid_parameter_is_named(api, params):
    answer = await api.get("/services", params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"query: {next(iter(params))}"
