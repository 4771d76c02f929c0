"""Tests of Territorial Intervention Units over HTTP."""

from __future__ import annotations

import pytest
from solidary.language.events.planning import TiuDefined


async def test_a_unit_consists_of_the_cells_whose_centres_it_covers(api, tiu, planner, published):
    assert tiu["cells"] == ["c0", "c1", "c2", "c3"]
    assert tiu["population"]["by_community"] == {"refugee": 100, "migrant": 300, "host": 600}
    assert (await api.get(f"/tius/{tiu['id']}", headers=planner)).json() == tiu
    assert tiu["cells"] in [defined["cells"] for defined in await published(TiuDefined, "chorrera")]


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
async def test_an_invalid_unit_is_rejected_with_its_pointer(api, planner, tiu, change, pointer):
    body = {name: tiu[name] for name in ("city", "area", "label", "outline")} | change
    answer = await api.post("/tius", json=body, headers=planner)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_another_agency_sees_no_unit(api, tiu, stranger):
    assert (await api.get(f"/tius/{tiu['id']}", headers=stranger)).status_code == 404
    assert (await api.get("/tius", headers=stranger)).json()["items"] == []
