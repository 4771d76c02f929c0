"""Demand reports: counts that identify nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.statistics.demand.records import TablesRecord
from intake.statistics.demand.rules import CountedGroup, calendar_month, count_demand
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.people import AgeBand, PopulationGroup, Sex
from solidary.language.problems import Invalid
from solidary.platform.identity import Duty

GROUPS = st.builds(
    CountedGroup,
    category=st.sampled_from(NeedCategory),
    area=st.sampled_from(["PA110403", "PA110404", "PA110408"]),
    population_group=st.sampled_from(PopulationGroup),
    sex=st.sampled_from(Sex),
    age_band=st.sampled_from([*AgeBand, "unknown"]),
    people=st.integers(1, 40),
)


@given(st.lists(GROUPS, max_size=30))
@settings(deadline=None)
def test_no_cell_counts_fewer_than_k_and_every_table_is_restored_from_its_record(groups):
    report = count_demand(groups, [*groups, *_others()], country="PA", k=10)
    assert all(cell.count >= 10 for cell in report.cells)
    assert all(cell.sex != "unknown" for cell in report.cells)
    stored = TablesRecord.of(report.tables).model_dump_json()
    assert TablesRecord.model_validate_json(stored).to_tables() == report.tables


def test_a_small_group_is_withheld_and_cannot_be_derived():
    sizes = {"refugee": 31, "migrant": 24, "host_community": 12, "stateless": 2}
    needs = [_group("education", "PA110403", group, people) for group, people in sizes.items()]
    report = count_demand(needs, [*needs, *_others()], country="PA", k=10)
    shown = {
        (cell.area, cell.population_group): cell.count
        for cell in report.cells
        if cell.sex is None and cell.age_band is None
    }
    assert shown[("PA", None)] == 69
    assert ("PA110403", "stateless") not in shown
    assert sum(size for (area, group), size in shown.items() if area == "PA110403" and group) < 69
    assert report.withheld > 0


def test_a_new_area_does_not_disclose_a_figure_that_last_month_withheld():
    def of(**people):
        return [_group("education", area, "refugee", count) for area, count in people.items()]

    others = [CountedGroup(None, area, "refugee", "male", "18-59", 90) for area in "nsew"]
    first = count_demand(of(n=3, s=12, e=40, w=50), others, country="PA", k=10)
    needs = of(n=3, s=12, e=8, w=50, x=20)
    newcomers = [CountedGroup(None, "x", "refugee", "male", "18-59", 90)]
    second = count_demand(needs, [*others, *newcomers], country="PA", k=10, previous=[first.tables])
    assert {cell.area for cell in first.cells} == {"PA", "e", "w"}
    assert {cell.area for cell in second.cells} == {"PA", "w", "x"}


def test_a_need_of_nearly_everybody_is_not_counted_by_group():
    needs = [_group("documentation", "PA110403", "refugee", 40)]
    report = count_demand(needs, needs, country="PA", k=10)
    assert not any(cell.population_group for cell in report.cells)


def _group(category, area, group, people):
    return CountedGroup(category, area, group, "female", "18-59", people)


def _others():
    return [
        CountedGroup(None, area, group, sex, "18-59", 50)
        for area in ("PA110403", "PA110404", "PA110408")
        for group in PopulationGroup
        for sex in ("female", "male")
    ]


@pytest.mark.parametrize("period", ["2026-13", "2026", "2026-1", "october", "2026-11", "2027-01"])
def test_only_a_month_that_is_over_is_counted(period):
    with pytest.raises(Invalid):
        calendar_month(period, date(2026, 11, 30))


def test_a_month_has_its_first_and_last_day():
    assert calendar_month("2024-02", date(2026, 11, 30)) == (date(2024, 2, 1), date(2024, 2, 29))


@pytest.fixture
def publisher(tokens):
    return tokens.of("casa-abierta", Duty.CASE_WORKER)


async def test_a_month_is_published_once_with_cells_shown_and_withheld(api, tokens, publisher, member):
    day = datetime.now(UTC).date() - relativedelta(months=1)
    period = f"{day:%Y-%m}"
    for group, people, code in (
        ("refugee", 24, "CR-NE"),
        ("migrant", 18, "CR-NE"),
        ("host_community", 9, "CR-NE"),
        ("stateless", 3, "CR-NE"),
        ("refugee", 30, None),
        ("migrant", 30, None),
    ):
        needs = [{"code": code, "day": day.isoformat()}] if code else []
        members = [
            member(given_name=f"P{n}", surname=group, relation="other", population_group=group, needs=needs)
            for n in range(people)
        ]
        members[0]["relation"] = "head"
        body = {"household": {"area": "PA110403"}, "members": members}
        made = await api.put(f"/registrations/{uuid4()}", json=body, headers=publisher)
        assert made.status_code == 201
    response = await api.post("/demand-reports", json={"period": period}, headers=publisher)
    assert response.status_code == 201
    report = response.json()
    education = {
        (cell["area"], cell["population_group"]): cell["count"]
        for cell in report["cells"]
        if cell["category"] == "education" and not cell["sex"] and not cell["age_band"]
    }
    assert education[("PA", None)] == 54
    assert education[("PA110403", "refugee")] == 24
    assert ("PA110403", "stateless") not in education
    assert report["withheld"] > 0
    assert (await api.get(response.headers["location"], headers=publisher)).json() == report
    again = await api.post("/demand-reports", json={"period": period}, headers=publisher)
    assert again.status_code == 409
    theirs = tokens.of("iom", Duty.CASE_WORKER)
    assert (await api.get(response.headers["location"], headers=theirs)).status_code == 404
    assert (await api.get("/demand-reports", headers=theirs)).json()["items"] == []


async def test_another_month_does_not_disclose_a_figure_that_a_published_month_withholds(api, tokens, member):
    worker = tokens.of("manos-vecinas", Duty.CASE_WORKER)
    shown = []
    for ago, groups in (
        (1, {"refugee": 24, "migrant": 12, "stateless": 3}),
        (2, {"refugee": 8, "migrant": 12, "stateless": 3}),
    ):
        day = datetime.now(UTC).date() - relativedelta(months=ago)
        need = {"code": "CR-NE", "day": day.isoformat()}
        members = [
            member(
                given_name=f"P{n}",
                relation="other",
                population_group=group,
                needs=[need] if n < people else [],
            )
            for group, people in groups.items()
            for n in range(people + 30)
        ]
        for start in range(0, len(members), 30):
            some = members[start : start + 30]
            some[0]["relation"] = "head"
            body = {"household": {"area": "PA110403"}, "members": some}
            assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=worker)).status_code == 201
        report = await api.post("/demand-reports", json={"period": f"{day:%Y-%m}"}, headers=worker)
        assert report.status_code == 201
        shown.append(
            {cell["population_group"] for cell in report.json()["cells"] if cell["category"] == "education"}
        )
    assert "refugee" in shown[0]
    for groups in shown:
        assert not groups & {"migrant", "stateless"}


async def test_no_count_includes_restricted_needs(api, tokens, desk, register):
    family = await register()
    officer = tokens.of("unhcr", Duty.PROTECTION_OFFICER) | {"Solidary-Reason": "emergency"}
    path = f"/people/{family.mother}/restricted-needs"
    assert (await api.post(path, json={"code": "SV-VF"}, headers=officer)).status_code == 201
    worker = tokens.of("unhcr", Duty.CASE_WORKER)
    report = await api.post("/demand-reports", json={"period": "2026-01"}, headers=worker)
    assert report.json()["cells"] == []


async def test_the_desk_cannot_publish(api, desk):
    assert (await api.post("/demand-reports", json={"period": "2026-01"}, headers=desk)).status_code == 403
