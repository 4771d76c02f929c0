"""A city is brought in, and units of intervention are drawn in it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from solidary.events.planning import TiuDefined
from solidary.identity import Duty


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


async def test_an_import_again_replaces_what_is_there_and_leaves_the_rest(api, tiu, city, planner):
    again = city()
    again["cells"]["features"] = again["cells"]["features"][:1]
    again["cells"]["features"][0]["properties"]["indicators"] = {"water": 99}
    key = planner | {"Idempotency-Key": str(uuid4())}
    answers = [await api.post("/cities/import", json=again, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["cells"] == 10
    cells = (await api.get("/cities/invented/cells", params={"area": "PA990101"})).json()["features"]
    assert [cell["properties"]["indicators"]["water"] for cell in cells[:2]] == [99, 10]


async def test_a_city_is_kept_by_the_agency_that_brought_it_in(api, tiu, city, tokens):
    other = tokens.of("unhabitat", Duty.PLANNER)
    assert (await api.post("/cities/import", json=city(), headers=other)).status_code == 403
    theirs = await api.post("/cities/import", json=city("another"), headers=other)
    assert (theirs.status_code, theirs.json()["cells"]) == (201, 10)


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
async def test_a_wrong_feature_is_named_and_nothing_is_imported(api, planner, city, broken, pointer):
    answer = await api.post("/cities/import", json=broken(city), headers=planner)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await api.get("/cities/wrong")).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"area": "PA990109"}, "/area"),
        ({"city": "nowhere"}, "/area"),
        ({"outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, "/outline"),
        ({"outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}}, "/outline"),
        (
            {"population": {"by_community": {"martian": 3}, "source": "x"}},
            "/population/by_community/martian/[key]",
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
