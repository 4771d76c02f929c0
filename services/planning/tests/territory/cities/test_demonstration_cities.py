"""Tests of the import of the two cities of the demonstration."""

from __future__ import annotations

import pytest
from demonstration.city import read_city, small_city
from demonstration.place import Place


async def test_the_small_city_is_imported_as_synthetic(api, planner, finish):
    work = await finish(
        await api.post("/cities/import", json=small_city(Place.of("PA")), headers=planner), planner
    )
    city = (await api.get(work["result"])).json()
    assert len(city["areas"]) == 18
    assert city["cells"] > 200
    assert [source["synthetic"] for source in city["datasets"]] == [True]
    assert small_city(Place.of("PA")) == small_city(Place.of("PA"))


async def test_the_real_cells_of_la_chorrera_keep_their_published_figures(api, planner, shared, finish):
    body = read_city(shared / "panama-un-habitat")
    work = await finish(await api.post("/cities/import", json=body, headers=planner), planner)
    assert work["total"] == 468
    city = (await api.get(work["result"])).json()
    cells = 0
    for area in city["areas"]:
        listed = await api.get("/cities/la-chorrera/cells", params={"area": area["pcode"]})
        for cell in listed.json()["features"]:
            figures = cell["properties"]["indicators"]
            assert figures["Dens_Res"] == pytest.approx(figures["Pop_2020"] / figures["Area_Km"])
            cells += 1
    assert cells == 468
