"""The command `triage`, on files alone."""

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
    document = json.loads(result.stdout)
    assert document["disability"] is True
    assert [one["code"] for one in document["suggestions"]] == ["LP-ND", "legal_assistance", "WG-VIS"]
    assert "Normal" not in run(app, ["triage", str(file)]).stdout.splitlines()[1:]


def test_without_a_file_the_questions_are_printed() -> None:
    result = run(app, ["triage"])
    assert result.exit_code == 0
    assert "¿Tiene documentos de identidad?" in result.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "This is not valid JSON"),
        ('{"answers": {"papers": 3}}', "/answers/papers"),
        ('{"age": -2, "answers": {}}', "/age"),
        ('{"answers": {"papers": "perhaps"}}', "The question «papers» has no answer «perhaps»."),
    ],
)
def test_invalid_answers_are_refused_with_their_place(tmp_path: Path, text: str, reason: str) -> None:
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


def test_an_agency_uses_its_own_questionnaire(tmp_path: Path) -> None:
    own, answers = tmp_path / "own.toml", tmp_path / "answers.json"
    own.write_text(OWN, encoding="utf-8")
    answers.write_text('{"answers": {"water": "no"}}', encoding="utf-8")
    assert run(app, ["triage", "--questions", str(own)]).stdout.splitlines() == [
        "water: ¿Tiene agua? yes (Sí), no (No)"
    ]
    result = run(app, ["triage", str(answers), "--json"], env={"SOLIDARY_QUESTIONS": str(own)})
    assert [one["because"] for one in json.loads(result.stdout)["suggestions"]] == [["sin agua"]]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"LP-ND"', '"SV-VF"', "line 11: rule 1: The code SV-VF must not be suggested."),
        ('id = "water"', "", "line 6: question: The field «id» is missing."),
        ('["no"] }', '["never"] }', "line 11: rule 1: The question «water» has no answer «never»."),
        (
            "because = {",
            'urgency = "soon"\nbecause = {',
            "line 11: rule 1: The field «urgency» must be one of emergency, urgent, normal.",
        ),
        ('version = "1"', "", "the file: The field «version» is missing."),
        ("yes_no = [", "yes_no = ", "line 5"),
    ],
)
def test_an_invalid_questionnaire_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in OWN
    own = tmp_path / "own.toml"
    own.write_text(OWN.replace(old, new), encoding="utf-8")
    result = run(app, ["triage", "--questions", str(own)])
    assert result.exit_code == 1
    assert str(own) in result.stderr
    assert reason in result.stderr


def test_an_unavailable_language_is_refused() -> None:
    result = run(app, ["triage", "--language", "fr"])
    assert result.exit_code == 2
    assert "Choose es or en." in result.stderr
    assert run(app, ["triage", "--language", "en-TT"]).exit_code == 0
