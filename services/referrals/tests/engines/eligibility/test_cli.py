"""`python -m referrals eligible`: what it prints, and how it exits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def asked(command: Run, tmp_path: Path) -> Callable[..., Result]:
    """`asked(rule, profile, *options)` on files of these texts."""

    def ask(rule: str, person: str, *options: str) -> Result:
        (tmp_path / "rule.cel").write_text(rule, encoding="utf-8")
        (tmp_path / "profile.json").write_text(person, encoding="utf-8")
        return command("eligible", tmp_path / "rule.cel", tmp_path / "profile.json", *options)

    return ask


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ('{"age": 30}', "cumple los requisitos · fits"),
        ('{"age": 3}', "- edad: 18 o más (el perfil dice 3) · age: 18 or more (the profile says 3)"),
        ("{}", "- edad · age (age)"),
    ],
)
def test_the_three_answers_are_printed_in_both_languages(
    asked: Callable[..., Result], person: str, text: str
) -> None:
    result = asked("age >= 18", person)
    assert result.exit_code == 0
    assert text in result.stdout


def test_json_gives_the_same_for_programs(asked: Callable[..., Result]) -> None:
    result = asked('age >= 18 && sex == "female"', '{"age": 3}', "--json")
    assert json.loads(result.stdout) == {
        "verdict": "does_not_fit",
        "because": [
            {"es": "edad: 18 o más (el perfil dice 3)", "en": "age: 18 or more (the profile says 3)"}
        ],
        "ask": [],
    }
    result = asked("age >= 18", "{}", "--json")
    assert json.loads(result.stdout)["ask"] == [{"field": "age", "es": "edad", "en": "age"}]


@pytest.mark.parametrize(
    ("rule", "person", "options", "code", "message"),
    [
        ("age >= 18 &&\nfoo > 1", "{}", [], 1, "rule.cel: line 2, column 1: there is no field 'foo'"),
        ("age >= 18", '{"age": "x"}', [], 1, "profile.json: /age: must be a whole number"),
        ("age >= 18", "[]", [], 1, "profile.json: must be an object"),
        ("age >= 18", "{", [], 1, "profile.json: line 1, column 2: not JSON"),
        ("age >= 18", "{}", ["--country", "XX"], 2, "there are packs for PA"),
        ('"dni" in documents', "{}", ["--country", "PA"], 1, "documents has no code 'dni'"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(
    asked: Callable[..., Result], rule: str, person: str, options: list[str], code: int, message: str
) -> None:
    result = asked(rule, person, *options)
    assert result.exit_code == code
    assert message in result.stderr


def test_a_missing_file_is_named(command: Run, tmp_path: Path) -> None:
    result = command("eligible", tmp_path / "none.cel", tmp_path / "none.json")
    assert result.exit_code == 1
    assert "none.cel: No such file" in result.stderr
