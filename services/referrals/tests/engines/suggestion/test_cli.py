"""The output and the exit status of `python -m referrals suggest`."""

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
    """The command on files with the texts or values of a query and of services."""

    def run(query: object, services: object, *options: str) -> Result:
        for name, value in (("query.json", query), ("services.json", services)):
            text = value if isinstance(value, str) else json.dumps(value)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return command("suggest", tmp_path / "query.json", tmp_path / "services.json", *options)

    return run


def test_documentation_shows_the_output(suggest: Suggest) -> None:
    page = PAGE.read_text("utf-8")
    query = re.search(r"`query\.json`:\n```json\n(.*?)```", page, re.DOTALL)
    services = re.search(r"`services\.json`:\n```json\n(.*?)```", page, re.DOTALL)
    assert query
    assert services
    result = suggest(query[1], services[1], "--at", AT)
    assert result.exit_code == 0
    assert f"services.json --at {AT}\n{result.stdout}```" in page


def test_points_of_the_parts_add_up_in_json(suggest: Suggest) -> None:
    services = [
        SERVICE,
        {**SERVICE, "id": "remote", "remote": True},
        {**SERVICE, "id": "other", "category": "food"},
    ]
    found = json.loads(suggest(QUERY, services, "--at", AT, "--json").stdout)
    assert [each["service_id"] for each in found] == ["remote", "casa"]
    for each in found:
        assert each["points"] == sum(part["points"] for part in each["parts"])
        assert all(part["points"] == part["value"] * part["weight"] for part in each["parts"])
        assert sum(part["weight"] for part in each["parts"]) == 100


def test_opening_hours_are_in_the_time_zone_of_the_area(suggest: Suggest) -> None:
    hours = {"schedules": [{"byday": "FR", "opens_at": "17:00", "closes_at": "19:00"}]}
    services = [
        {**SERVICE, "id": "panama", "details": hours},
        {**SERVICE, "id": "lima", "area": "PE15", "details": hours},
        {**SERVICE, "id": "santo domingo", "area": "DO01", "details": hours},
    ]
    found = json.loads(suggest(QUERY, services, "--at", AT, "--json").stdout)
    assert {each["service_id"]: each["open_now"] for each in found} == {
        "panama": True,
        "lima": True,
        "santo domingo": False,
    }


def test_message_without_a_matching_service(suggest: Suggest) -> None:
    assert "no service meets the need shelter" in suggest(QUERY, []).stdout
    assert suggest(QUERY, [], "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("query", "services", "options", "code", "message"),
    [
        ("{", [], [], 1, "query.json: line 1, column 2: The file is not JSON."),
        ("[]", [], [], 1, "query.json: the document: This must be an object."),
        ({**QUERY, "name": "Ana"}, [], [], 1, "query.json: /name: This field is not known here."),
        ({**QUERY, "profile": {"agee": 3}}, [], [], 1, "query.json: /profile/agee: There is no field"),
        ({**QUERY, "need": "SV-VA"}, [], [], 1, "query.json: /need: This need is restricted."),
        ({**QUERY, "urgency": "soon"}, [], [], 1, "query.json: /urgency: "),
        (QUERY, {}, [], 1, "services.json: the document: This must be a list."),
        (QUERY, [{}], [], 1, "services.json: /0/"),
        (QUERY, [SERVICE, SERVICE], [], 1, "services.json: /1/id: Another service has the id 'casa'."),
        (
            QUERY,
            [{**SERVICE, "eligibility": "age >=\n18 || foo > 1"}],
            [],
            1,
            "services.json: /0/eligibility: line 2, column 7: There is no field 'foo'.",
        ),
        (
            QUERY,
            [{**SERVICE, "capacity": {"available": 1, "updated": "2027-06-01T12:00:00-05:00"}}],
            ["--at", AT],
            1,
            "services.json: /0/capacity/updated: This moment is in the future",
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
        (QUERY, [SERVICE], ["--country", "XX"], 2, "There is no country pack."),
        (QUERY, [SERVICE], ["--at", "2026-01-30T10:00"], 2, "Write the offset"),
        (QUERY, [SERVICE], ["--at", "noon"], 2, "--at noon"),
    ],
)
def test_invalid_input_is_reported_with_its_place(
    suggest: Suggest, query: object, services: object, options: list[str], code: int, message: str
) -> None:
    result = suggest(query, services, *options)
    assert result.exit_code == code
    assert message in result.stderr
    assert code == 0 or result.stdout == ""
