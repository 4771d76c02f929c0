"""Tests of the import of cities over HTTP."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
import pytest
from shapely.geometry import box, mapping
from solidary.platform.identity import Duty
from sqlalchemy import Engine, event


async def test_a_city_is_public_with_its_cells_and_their_source(api, tiu):
    city_ = (await api.get("/cities/invented")).json()
    assert city_["cells"] == 10
    assert city_["areas"] == [{"pcode": "PA990101", "name": "Barrio"}]
    assert [source["synthetic"] for source in city_["datasets"]] == [True]
    cells = (await api.get("/cities/invented/cells", params={"area": "PA990101"})).json()
    assert [cell["id"] for cell in cells["features"]] == [f"c{n}" for n in range(10)]
    assert cells["features"][3]["properties"]["indicators"] == {"water": 30}
    assert cells["features"][0]["geometry"]["type"] == "Polygon"
    assert "invented" in [city["code"] for city in (await api.get("/cities")).json()]


async def test_a_second_import_replaces_existing_cells_and_keeps_the_others(api, tiu, city, planner, finish):
    again = city()
    again["cells"]["features"] = again["cells"]["features"][:1]
    again["cells"]["features"][0]["properties"]["indicators"] = {"water": 99}
    key = planner | {"Idempotency-Key": str(uuid4())}
    answers = [await api.post("/cities/import", json=again, headers=key) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert (await finish(answers[1], planner))["result"] == "/cities/invented"
    assert (await api.get("/cities/invented")).json()["cells"] == 10
    cells = (await api.get("/cities/invented/cells", params={"area": "PA990101"})).json()["features"]
    assert [cell["properties"]["indicators"]["water"] for cell in cells[:2]] == [99, 10]


async def test_only_the_agency_that_imported_a_city_can_import_it_again(api, tiu, city, tokens, finish):
    other = tokens.of("unhabitat", Duty.PLANNER)
    rejected = await finish(await api.post("/cities/import", json=city(), headers=other), other)
    assert rejected["failure"]["status"] == 403
    theirs = await finish(await api.post("/cities/import", json=city("another"), headers=other), other)
    assert (theirs["state"], theirs["done"], theirs["total"]) == ("done", 10, 10)
    assert (await api.get(theirs["result"])).json()["cells"] == 10


async def test_a_map_is_packed_and_is_sent_once_to_a_caller_that_keeps_it(api, tiu):
    where, query = "/cities/invented/cells", {"area": "PA990101"}
    packed = await api.get(where, params=query, headers={"Accept-Encoding": "gzip"})
    plain = await api.get(where, params=query, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    tag = packed.headers["etag"]
    again = await api.get(where, params=query, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await api.get(where, params=query, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_an_upload_and_a_map_are_read_in_parts(api, planner, city, finish, monkeypatch):
    monkeypatch.setattr("solidary.platform.database.parts.PART_BYTES", 50)
    imported = await finish(await api.post("/cities/import", json=city("parted"), headers=planner), planner)
    assert imported["state"] == "done"
    where, query = "/cities/parted/cells", {"area": "PA990101"}
    packed = await api.get(where, params=query, headers={"Accept-Encoding": "gzip"})
    plain = await api.get(where, params=query, headers={"Accept-Encoding": "identity"})
    assert len(packed.json()["features"]) == 10
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) > 2 * 50


async def test_a_map_is_as_new_as_its_cells_also_where_one_leaves_the_area(api, planner, city, finish):
    body = city("moving", "PA990301")
    body["areas"]["features"].append({"properties": {"pcode": "PA990302", "name": "Otro"}})
    await finish(await api.post("/cities/import", json=body, headers=planner), planner)

    async def cells(area: str) -> tuple[list[str], str]:
        answer = await api.get("/cities/moving/cells", params={"area": area})
        return [cell["id"] for cell in answer.json()["features"]], answer.headers.get("etag", "")

    ids, tag = await cells("PA990301")
    assert await cells("PA990302") == ([], "")
    (moved, *_) = body["cells"]["features"]
    moved["properties"]["area"] = "PA990302"
    body["cells"]["features"] = [moved]
    await finish(await api.post("/cities/import", json=body, headers=planner), planner)
    left, new_tag = await cells("PA990301")
    assert left == ids[1:]
    assert new_tag != tag
    assert (await cells("PA990302"))[0] == ids[:1]


async def test_reading_a_map_costs_the_same_statements_whatever_its_size(api, tiu):
    found = []

    def add(connection, cursor, statement, *_) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", add)
    try:
        answer = await api.get("/cities/invented/cells", params={"area": "PA990101"})
    finally:
        event.remove(Engine, "before_cursor_execute", add)
    about_maps = [statement for statement in found if "published" in statement]
    assert answer.status_code == 200
    assert len(about_maps) == 2
    assert all("cell_map" in statement for statement in about_maps)


@pytest.mark.parametrize("area", ["PA990199", "PA99"])
async def test_an_area_without_cells_has_an_empty_map(api, tiu, area):
    answer = await api.get("/cities/invented/cells", params={"area": area})
    assert answer.json() == {"type": "FeatureCollection", "features": []}
    assert (await api.get("/cities/unknown/cells", params={"area": area})).status_code == 404


def _broken(change):
    def broken(city):
        body = city("wrong", "PA990201")
        change(body, body["cells"]["features"])
        return body

    return broken


BROKEN = [
    (
        _broken(lambda b, c: b["areas"]["features"].append(b["areas"]["features"][0])),
        "/areas/features/1/properties/pcode",
    ),
    (_broken(lambda b, c: c[2]["properties"].update(area="PA77")), "/cells/features/2/properties/area"),
    (_broken(lambda b, c: c[1].update(id="c0")), "/cells/features/1/id"),
    (
        _broken(lambda b, c: c[4]["geometry"].update(coordinates=[[[0, 0], [1, 1]]])),
        "/cells/features/4/geometry",
    ),
    (
        _broken(lambda b, c: c[4].update(geometry=mapping(box(8.8, -79.8, 8.9, -79.7)))),
        "/cells/features/4/geometry",
    ),
    (
        _broken(lambda b, c: c[4].update(geometry=mapping(box(-179.9, 8, 179.9, 9)))),
        "/cells/features/4/geometry",
    ),
    (_broken(lambda b, c: c[4].update(id=None)), "/cells/features/4/id"),
    (_broken(lambda b, c: c[4].update(id=True)), "/cells/features/4/id"),
    (_broken(lambda b, c: c[4].update(id="c3\u00a0")), "/cells/features/4/id"),
    (
        _broken(lambda b, c: c[0]["properties"]["indicators"].update(water=True)),
        "/cells/features/0/properties/indicators/water",
    ),
    (_broken(lambda b, c: c[4]["geometry"].update(type="Point")), "/cells/features/4/geometry/type"),
    (
        _broken(lambda b, c: c[0]["properties"]["indicators"].update(water="much")),
        "/cells/features/0/properties/indicators/water",
    ),
    (_broken(lambda b, c: b["dataset"].pop("licence")), "/dataset/licence"),
    (_broken(lambda b, c: b.update(pcode="La Chorrera")), "/pcode"),
]


@pytest.mark.parametrize(("broken", "pointer"), BROKEN)
async def test_an_invalid_feature_is_reported_and_nothing_is_imported(
    api, planner, city, finish, broken, pointer
):
    answer = await api.post("/cities/import", json=broken(city), headers=planner)
    rejected = (await finish(answer, planner))["failure"]
    assert rejected["status"] == 422
    assert pointer in [fault["pointer"] for fault in rejected["errors"]]
    assert (await api.get("/cities/wrong")).status_code == 404


async def test_an_agency_imports_one_city_at_a_time(api, planner, city, finish, service_database):
    first = await api.post("/cities/import", json=city("first"), headers=planner)
    second = await api.post("/cities/import", json=city("second"), headers=planner)
    assert second.status_code == 409
    assert first.headers["location"] in second.json()["detail"]
    await finish(first, planner)
    second = await finish(await api.post("/cities/import", json=city("second"), headers=planner), planner)
    assert second["state"] == "done"
    with psycopg.connect(service_database.admin) as admin:
        assert admin.execute("SELECT count(*) FROM data.city_upload").fetchone() == (0,)


async def test_an_import_that_is_not_json_is_rejected_with_the_line(api, planner, finish):
    rejected = await finish(
        await api.post("/cities/import", content=b'{"code":\n nothing}', headers=planner), planner
    )
    assert rejected["failure"]["status"] == 422
    assert "line 2" in rejected["failure"]["errors"][0]["detail"]


async def test_a_city_may_be_larger_than_other_request_bodies(api, planner, city, finish):
    body = city("large")
    (one, *_) = body["cells"]["features"]
    body["cells"]["features"] = [one | {"id": f"c{n}"} for n in range(12_000)]
    content = json.dumps(body).encode()
    assert len(content) > 2 * 1024 * 1024
    large = await finish(await api.post("/cities/import", content=content, headers=planner), planner)
    assert (large["failure"], large["done"], large["total"]) == (None, 12_000, 12_000)
    assert (await api.get("/cities/large")).json()["cells"] == 12_000
    too_large = {"Content-Length": str(65 * 1024 * 1024)}
    assert (await api.post("/cities/import", content=b"{}", headers=planner | too_large)).status_code == 413


async def test_an_import_stops_at_a_hundred_faults(api, planner, city, finish):
    body = city("faulty")
    (one, *_) = body["cells"]["features"]
    wrong = one["properties"] | {"area": "PA000000"}
    body["cells"]["features"] = [one | {"id": f"c{n}", "properties": wrong} for n in range(5_000)]
    rejected = (await finish(await api.post("/cities/import", json=body, headers=planner), planner))[
        "failure"
    ]
    assert rejected["status"] == 422
    assert len(rejected["errors"]) == 100
    assert "100 faults or more" in rejected["detail"]


@pytest.mark.parametrize("name", ["\u200b", "Ciudad\0", "\ud83d"])
async def test_text_that_nobody_means_is_no_name_of_a_city(api, planner, city, finish, name):
    content = json.dumps(city("odd") | {"name": name}).encode()
    answer = await api.post("/cities/import", content=content, headers=planner)
    rejected = (await finish(answer, planner))["failure"]
    assert [fault["pointer"] for fault in rejected["errors"]] == ["/name"]
