"""`python -m referrals suggest`: what it prints, and how it exits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

PAGE = Path(__file__).parents[5] / "docs/using/eligibility.md"
AT = "2026-01-30T18:00-05:00"
QUERY: dict[str, Any] = {"need": "shelter", "profile": {"age": 30, "languages": ["spa"]}}
SERVICE: dict[str, Any] = {
    "id": "casa",
    "name": "Casa de acogida",
    "organization": "Hogar",
    "description": "Alojamiento",
    "category": "shelter",
    "area": "PA1307",
}

Suggest = Callable[..., Result]


@pytest.fixture
def suggest(command: Suggest, tmp_path: Path) -> Suggest:
    """`suggest(query, services, *options)` on files of these texts or values."""

    def run(query: object, services: object, *options: str) -> Result:
        for name, said in (("query.json", query), ("services.json", services)):
            text = said if isinstance(said, str) else json.dumps(said)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return command("suggest", tmp_path / "query.json", tmp_path / "services.json", *options)

    return run


def test_the_page_shows_what_is_printed(suggest: Suggest) -> None:
    page = PAGE.read_text("utf-8")
    query = re.search(r"`query\.json`:\n```json\n(.*?)```", page, re.DOTALL)
    services = re.search(r"`services\.json`:\n```json\n(.*?)```", page, re.DOTALL)
    assert query
    assert services
    result = suggest(query[1], services[1], "--at", AT)
    assert result.exit_code == 0
    assert f"services.json --at {AT}\n{result.stdout}```" in page


def test_json_shows_the_parts_which_add_up(suggest: Suggest) -> None:
    services = [
        SERVICE,
        {**SERVICE, "id": "remote", "remote": True},
        {**SERVICE, "id": "other", "category": "food"},
    ]
    found = json.loads(suggest(QUERY, services, "--at", AT, "--json").stdout)
    assert [each["service"] for each in found] == ["remote", "casa"]
    for each in found:
        assert each["points"] == sum(part["points"] for part in each["parts"])
        assert all(part["points"] == part["value"] * part["weight"] for part in each["parts"])
        assert sum(part["weight"] for part in each["parts"]) == 100


def test_hours_are_kept_by_the_clock_of_the_country_of_the_area(suggest: Suggest) -> None:
    hours = {"schedules": [{"byday": "FR", "opens_at": "17:00", "closes_at": "19:00"}]}
    services = [
        {**SERVICE, "id": "panama", "details": hours},
        {**SERVICE, "id": "lima", "area": "PE15", "details": hours},
        {**SERVICE, "id": "santo domingo", "area": "DO01", "details": hours},
    ]
    found = json.loads(suggest(QUERY, services, "--at", AT, "--json").stdout)
    assert {each["service"]: each["open_now"] for each in found} == {
        "panama": True,
        "lima": True,
        "santo domingo": False,
    }


def test_where_no_service_answers_it_says_so(suggest: Suggest) -> None:
    assert "no service answers shelter" in suggest(QUERY, []).stdout
    assert suggest(QUERY, [], "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("query", "services", "options", "code", "message"),
    [
        ("{", [], [], 1, "query.json: line 1, column 2: not JSON"),
        ("[]", [], [], 1, "query.json: /: "),
        ({**QUERY, "name": "Ana"}, [], [], 1, "query.json: /name: Extra inputs"),
        ({**QUERY, "profile": {"agee": 3}}, [], [], 1, "query.json: /profile/agee: there is no field"),
        ({**QUERY, "need": "SV-VA"}, [], [], 1, "query.json: /need: this need is placed by a specialist"),
        ({**QUERY, "urgency": "soon"}, [], [], 1, "query.json: /urgency: "),
        (QUERY, {}, [], 1, "services.json: /: "),
        (QUERY, [{}], [], 1, "services.json: /0/"),
        (QUERY, [SERVICE, SERVICE], [], 1, "services.json: /1/id: 'casa' stands twice"),
        (
            QUERY,
            [{**SERVICE, "eligibility": "age >=\n18 || foo > 1"}],
            [],
            1,
            "services.json: /0/eligibility: line 2, column 7: there is no field 'foo'",
        ),
        (
            QUERY,
            [{**SERVICE, "capacity": {"available": 1, "updated": "2026-01-30T10:00"}}],
            [],
            1,
            "services.json: /0/capacity/updated: ",
        ),
        (
            QUERY,
            [{**SERVICE, "details": {"schedules": [{"freq": "WEEKLY", "opens_at": "25:00"}]}}],
            ["--at", AT],
            0,
            "",
        ),
        (QUERY, [SERVICE], ["--country", "XX"], 2, "there are packs for PA"),
        (QUERY, [SERVICE], ["--at", "2026-01-30T10:00"], 2, "write its offset"),
        (QUERY, [SERVICE], ["--at", "noon"], 2, "--at noon"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(
    suggest: Suggest, query: object, services: object, options: list[str], code: int, message: str
) -> None:
    result = suggest(query, services, *options)
    assert result.exit_code == code
    assert message in result.stderr
    assert code == 0 or result.stdout == ""
