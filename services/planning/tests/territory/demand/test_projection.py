"""Tests of the projection of demand counts."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from solidary.language.events.intake import CountedCell, DemandCounted


async def test_a_plan_shows_the_counts_of_its_unit_and_area(api, plan, planner, tiu, consume, tokens):
    report = DemandCounted(
        report_id=uuid4(),
        period_start=date(2026, 7, 1),
        period_end=date(2026, 9, 30),
        k=10,
        cells=[
            CountedCell(area="PA990101", category="education", population_group="refugee", count=12),
            CountedCell(area=tiu["id"], category="health", sex="female", count=10),
            CountedCell(area="PA990199", category="health", count=400),
        ],
        withheld=3,
    )
    for _ in range(2):
        await consume(report, tokens.agency("unhcr"))
    lines = (await api.get(f"{plan}/demand", headers=planner)).json()["lines"]
    of_unit = [(line["category"], line["people"]) for line in lines if line["area"] == tiu["id"]]
    assert of_unit == [("health", 10)]
    assert ("education", 12) in [(line["category"], line["people"]) for line in lines]
    assert 400 not in [line["people"] for line in lines]
