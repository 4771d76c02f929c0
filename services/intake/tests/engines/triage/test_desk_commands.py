"""`python -m intake triage` and `python -m intake routes`, on files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from intake.__main__ import app
from typer.testing import CliRunner

run = CliRunner().invoke


def test_answers_in_a_file_become_suggestions(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(
        json.dumps({"age": 70, "answers": {"seeing": "a_lot", "papers": "none"}}), encoding="utf-8"
    )
    result = run(app, ["triage", str(file), "--json", "--language", "en"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["disability"] is True
    assert [one["code"] for one in said["suggestions"]] == ["LP-ND", "legal_assistance", "WG-VIS"]
    assert "Normal" not in run(app, ["triage", str(file)]).stdout.splitlines()[1:]


def test_without_a_file_the_questions_are_printed() -> None:
    result = run(app, ["triage"])
    assert result.exit_code == 0
    assert "¿Tiene documentos de identidad?" in result.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Invalid JSON"),
        ('{"answers": {"papers": 3}}', "/answers/papers"),
        ('{"age": -2, "answers": {}}', "/age"),
        ('{"answers": {"papers": "perhaps"}}', "papers has no answer 'perhaps'"),
    ],
)
def test_broken_answers_are_refused_with_their_place(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(text, encoding="utf-8")
    result = run(app, ["triage", str(file)])
    assert result.exit_code == 1
    assert reason in result.stderr
    assert run(app, ["triage", str(tmp_path / "absent.json")]).exit_code == 1


OWN = """
version = "1"
source = "ours"
[answers]
yes_no = [{ code = "yes", es = "Sí", en = "Yes" }, { code = "no", es = "No", en = "No" }]
[[questions]]
id = "water"
answers = "yes_no"
es = "¿Tiene agua?"
en = "Is there water?"
[[rules]]
when = { water = ["no"] }
need = "LP-ND"
because = { es = "sin agua", en = "no water" }
"""


def test_an_agency_brings_its_own_questions(tmp_path: Path) -> None:
    own, answers = tmp_path / "own.toml", tmp_path / "answers.json"
    own.write_text(OWN, encoding="utf-8")
    answers.write_text('{"answers": {"water": "no"}}', encoding="utf-8")
    assert run(app, ["triage", "--questions", str(own)]).stdout.splitlines() == [
        "water: ¿Tiene agua? yes (Sí), no (No)"
    ]
    said = run(app, ["triage", str(answers), "--json"], env={"SOLIDARY_QUESTIONS": str(own)})
    assert [one["because"] for one in json.loads(said.stdout)["suggestions"]] == [["sin agua"]]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"LP-ND"', '"SV-VF"', "line 11: rule 1: SV-VF must not be suggested"),
        ('id = "water"', "", "line 6: question None: has no id"),
        ('["no"] }', '["never"] }', "line 11: rule 1: water has no answer never"),
        ("because = {", 'urgency = "soon"\nbecause = {', "line 11: rule 1: 'soon' is not a valid Urgency"),
        ('version = "1"', "", "the file: has no version"),
        ("yes_no = [", "yes_no = ", "line 5"),
    ],
)
def test_own_questions_that_are_unsafe_are_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in OWN
    own = tmp_path / "own.toml"
    own.write_text(OWN.replace(old, new), encoding="utf-8")
    result = run(app, ["triage", "--questions", str(own)])
    assert result.exit_code == 1
    assert str(own) in result.stderr
    assert reason in result.stderr


@pytest.mark.parametrize("command", [["triage"], ["routes", "PA"]])
def test_a_language_that_is_not_spoken_is_refused(command: list[str]) -> None:
    result = run(app, [*command, "--language", "fr"])
    assert result.exit_code == 2
    assert "there are es and en" in result.stderr
    assert run(app, [*command, "--language", "en-TT"]).exit_code == 0


def test_nobody_entered_tomorrow() -> None:
    result = run(app, ["routes", "PA", "--entered", "2026-11-23", "--today", "2026-11-22"])
    assert result.exit_code == 2
    assert "--entered 2026-11-23: is after 2026-11-22" in result.stderr


def test_routes_are_printed_with_their_deadline_and_their_review() -> None:
    result = run(app, ["routes", "PA", "--entered", "2026-03-01", "--today", "2026-11-22", "--json"])
    assert result.exit_code == 0, result.output
    asylum = json.loads(result.stdout)[0]
    assert (asylum["timing"], asylum["last_day"], asylum["days_left"]) == ("passed", "2026-09-01", -82)
    assert asylum["review"] == "to_be_reviewed"
    text = run(app, ["routes", "PA", "--entered", "2026-03-01", "--today", "2026-11-22"]).stdout
    assert "no significa que no tenga derecho" in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["XX"], "no country pack for XX"), (["PA", "--on", "pa-nowhere"], "no route pa-nowhere")],
)
def test_what_no_pack_holds_is_said(arguments: list[str], reason: str) -> None:
    result = run(app, ["routes", *arguments])
    assert result.exit_code == 2
    assert reason in result.stderr
