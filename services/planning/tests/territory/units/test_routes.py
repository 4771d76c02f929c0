"""A city is brought in, and units of intervention are drawn in it."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
import pytest
from solidary.language.events.planning import TiuDefined
from solidary.platform.identity import Duty


async def test_a_city_is_public_with_its_cells_and_their_source(api, tiu):
    sheet = (await api.get("/cities/invented")).json()
    assert sheet["cells"] == 10
    assert sheet["areas"] == [{"pcode": "PA990101", "name": "Barrio"}]
    assert [source["synthetic"] for source in sheet["datasets"]] == [True]
    cells = (await api.get("/cities/invented/cells", params={"area": "PA990101"})).json()
    assert [cell["id"] for cell in cells["features"]] == [f"c{n}" for n in range(10)]
    assert cells["features"][3]["properties"]["indicators"] == {"water": 30}
    assert cells["features"][0]["geometry"]["type"] == "Polygon"
    assert "invented" in [city["code"] for city in (await api.get("/cities")).json()]


async def test_a_unit_is_made_of_the_cells_whose_centres_it_covers(api, tiu, planner, told):
    assert tiu["cells"] == ["c0", "c1", "c2", "c3"]
    assert (await api.get(f"/tius/{tiu['id']}", headers=planner)).json() == tiu
    assert tiu["cells"] in [defined["cells"] for defined in await told(TiuDefined)]


async def test_an_import_again_replaces_what_is_there_and_leaves_the_rest(api, tiu, city, planner, done):
    again = city()
    again["cells"]["features"] = again["cells"]["features"][:1]
    again["cells"]["features"][0]["properties"]["indicators"] = {"water": 99}
    key = planner | {"Idempotency-Key": str(uuid4())}
    answers = [await api.post("/cities/import", json=again, headers=key) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert (await done(answers[1], planner))["result"] == "/cities/invented"
    assert (await api.get("/cities/invented")).json()["cells"] == 10
    cells = (await api.get("/cities/invented/cells", params={"area": "PA990101"})).json()["features"]
    assert [cell["properties"]["indicators"]["water"] for cell in cells[:2]] == [99, 10]


async def test_a_city_is_kept_by_the_agency_that_brought_it_in(api, tiu, city, tokens, done):
    other = tokens.of("unhabitat", Duty.PLANNER)
    refused = await done(await api.post("/cities/import", json=city(), headers=other), other)
    assert refused["failure"]["status"] == 403
    theirs = await done(await api.post("/cities/import", json=city("another"), headers=other), other)
    assert (theirs["state"], theirs["done"], theirs["total"]) == ("done", 10, 10)
    assert (await api.get(theirs["result"])).json()["cells"] == 10


def _wrong(change):
    def broken(city):
        body = city("wrong", "PA990201")
        change(body, body["cells"]["features"])
        return body

    return broken


WRONG = [
    (
        _wrong(lambda b, c: b["areas"]["features"].append(b["areas"]["features"][0])),
        "/areas/features/1/properties/pcode",
    ),
    (_wrong(lambda b, c: c[2]["properties"].update(area="PA77")), "/cells/features/2/properties/area"),
    (_wrong(lambda b, c: c[1].update(id="c0")), "/cells/features/1/id"),
    (
        _wrong(lambda b, c: c[4]["geometry"].update(coordinates=[[[0, 0], [1, 1]]])),
        "/cells/features/4/geometry",
    ),
    (_wrong(lambda b, c: c[4]["geometry"].update(type="Point")), "/cells/features/4/geometry/type"),
    (
        _wrong(lambda b, c: c[0]["properties"]["indicators"].update(water="much")),
        "/cells/features/0/properties/indicators/water",
    ),
    (_wrong(lambda b, c: b["dataset"].pop("licence")), "/dataset/licence"),
    (_wrong(lambda b, c: b.update(pcode="La Chorrera")), "/pcode"),
]


@pytest.mark.parametrize(("broken", "pointer"), WRONG)
async def test_a_wrong_feature_is_named_and_nothing_is_imported(api, planner, city, done, broken, pointer):
    asked = await api.post("/cities/import", json=broken(city), headers=planner)
    refused = (await done(asked, planner))["failure"]
    assert refused["status"] == 422
    assert pointer in [fault["pointer"] for fault in refused["errors"]]
    assert (await api.get("/cities/wrong")).status_code == 404


async def test_an_agency_brings_in_one_city_at_a_time(api, planner, city, done, place):
    first = await api.post("/cities/import", json=city("first"), headers=planner)
    second = await api.post("/cities/import", json=city("second"), headers=planner)
    assert second.status_code == 409
    assert first.headers["location"] in second.json()["detail"]
    await done(first, planner)
    second = await done(await api.post("/cities/import", json=city("second"), headers=planner), planner)
    assert second["state"] == "done"
    with psycopg.connect(place.admin) as admin:
        assert admin.execute("SELECT count(*) FROM data.upload").fetchone() == (0,)


async def test_what_is_no_json_is_refused_with_its_line(api, planner, done):
    refused = await done(
        await api.post("/cities/import", content=b'{"code":\n nothing}', headers=planner), planner
    )
    assert refused["failure"]["status"] == 422
    assert "line 2" in refused["failure"]["errors"][0]["detail"]


async def test_a_city_may_be_larger_than_other_bodies(api, planner, city, done):
    body = city("large")
    (one, *_) = body["cells"]["features"]
    body["cells"]["features"] = [one | {"id": f"c{n}"} for n in range(12_000)]
    content = json.dumps(body).encode()
    assert len(content) > 2 * 1024 * 1024
    large = await done(await api.post("/cities/import", content=content, headers=planner), planner)
    assert (large["failure"], large["done"], large["total"]) == (None, 12_000, 12_000)
    assert (await api.get("/cities/large")).json()["cells"] == 12_000
    too_large = {"Content-Length": str(65 * 1024 * 1024)}
    assert (await api.post("/cities/import", content=b"{}", headers=planner | too_large)).status_code == 413


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"area": "PA990109"}, "/area"),
        ({"city": "nowhere"}, "/area"),
        ({"outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, "/outline"),
        ({"outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}}, "/outline"),
        (
            {"population": {"by_community": {"martian": 3}, "source": "x"}},
            "/population/by_community/martian",
        ),
    ],
)
async def test_a_unit_without_cells_is_refused(api, planner, tiu, change, pointer):
    body = {name: tiu[name] for name in ("city", "area", "label", "outline")} | change
    answer = await api.post("/tius", json=body, headers=planner)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_another_agency_sees_no_unit(api, tiu, stranger):
    assert (await api.get(f"/tius/{tiu['id']}", headers=stranger)).status_code == 404
    assert (await api.get("/tius", headers=stranger)).json()["items"] == []
