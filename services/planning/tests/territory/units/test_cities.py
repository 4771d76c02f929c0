"""The two cities of the demonstration are taken in as they are."""

from __future__ import annotations

import pytest
from demonstration.city import from_folder, small


async def test_the_small_city_says_that_its_figures_are_invented(api, planner, done):
    work = await done(await api.post("/cities/import", json=small(), headers=planner), planner)
    city = (await api.get(work["result"])).json()
    assert len(city["areas"]) == 18
    assert city["cells"] > 200
    assert [source["synthetic"] for source in city["datasets"]] == [True]
    assert small() == small()


async def test_the_real_cells_of_la_chorrera_keep_their_published_figures(api, planner, shared, done):
    body = from_folder(shared / "panama-un-habitat")
    work = await done(await api.post("/cities/import", json=body, headers=planner), planner)
    assert work["total"] == 468
    city = (await api.get(work["result"])).json()
    found = 0
    for area in city["areas"]:
        listed = await api.get("/cities/la-chorrera/cells", params={"area": area["pcode"]})
        for cell in listed.json()["features"]:
            figures = cell["properties"]["indicators"]
            assert figures["Dens_Res"] == pytest.approx(figures["Pop_2020"] / figures["Area_Km"])
            found += 1
    assert found == 468
