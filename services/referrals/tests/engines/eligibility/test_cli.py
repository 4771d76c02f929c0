"""The output and the exit status of `python -m referrals eligible`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def eligible(command: Run, tmp_path: Path) -> Callable[..., Result]:
    """The command on files with the texts of a rule and a profile."""

    def run(rule: str, person: str, *options: str) -> Result:
        (tmp_path / "rule.cel").write_text(rule, encoding="utf-8")
        (tmp_path / "profile.json").write_text(person, encoding="utf-8")
        return command("eligible", tmp_path / "rule.cel", tmp_path / "profile.json", *options)

    return run


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ('{"age": 30}', "cumple los requisitos · meets the requirements"),
        ('{"age": 3}', "- edad: 18 o más (en el perfil: 3) · age: 18 or more (in the profile: 3)"),
        ("{}", "- edad · age (age)"),
    ],
)
def test_each_result_is_printed_in_both_languages(
    eligible: Callable[..., Result], person: str, text: str
) -> None:
    result = eligible("age >= 18", person)
    assert result.exit_code == 0
    assert text in result.stdout


def test_json_has_the_same_result(eligible: Callable[..., Result]) -> None:
    result = eligible('age >= 18 && sex == "female"', '{"age": 3}', "--json")
    assert json.loads(result.stdout) == {
        "eligibility": "not_eligible",
        "unmet_requirements": [
            {"es": "edad: 18 o más (en el perfil: 3)", "en": "age: 18 or more (in the profile: 3)"}
        ],
        "missing_fields": [],
    }
    result = eligible("age >= 18", "{}", "--json")
    assert json.loads(result.stdout)["missing_fields"] == [{"field": "age", "es": "edad", "en": "age"}]


@pytest.mark.parametrize(
    ("rule", "person", "options", "code", "message"),
    [
        ("age >= 18 &&\nfoo > 1", "{}", [], 1, "rule.cel: line 2, column 1: There is no field 'foo'."),
        ("age >= 18", '{"age": "x"}', [], 1, "profile.json: /age: This must be a whole number"),
        ("age >= 18", "[]", [], 1, "profile.json: A profile must be a JSON object"),
        ("age >= 18", "{", [], 1, "profile.json: line 1, column 2: The file is not JSON."),
        ("age >= 18", "{}", ["--country", "XX"], 2, "There is no country pack."),
        ('"dni" in documents', "{}", ["--country", "PA"], 1, "The field documents has no code 'dni'."),
    ],
)
def test_invalid_input_is_reported_with_its_place(
    eligible: Callable[..., Result], rule: str, person: str, options: list[str], code: int, message: str
) -> None:
    result = eligible(rule, person, *options)
    assert result.exit_code == code
    assert message in result.stderr


def test_missing_file_is_named(command: Run, tmp_path: Path) -> None:
    result = command("eligible", tmp_path / "none.cel", tmp_path / "none.json")
    assert result.exit_code == 1
    assert "none.cel: No such file" in result.stderr
