from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from market.__main__ import app
from typer.testing import CliRunner, Result

PEOPLE = "person,skills\nana,Freír | higiene\nluis,lay bricks\n"
OPENINGS = "opening,essential,optional,posts\ncook,freir|higiene|sazonar,inglés,2\nmason,lay bricks,,\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def catalogue(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("esco") / "esco.jsonl"
    answer = run("import-esco", shared / "esco-1.1.1", "--out", out)
    assert answer.exit_code == 0
    assert answer.stdout.endswith("619 groups, 3,007 occupations, 1,000 skills, 8,674 relations\n")
    return out


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    people, openings = tmp_path / "people.csv", tmp_path / "openings.csv"
    people.write_text(PEOPLE)
    openings.write_text(OPENINGS)
    return people, openings


def test_import_reports_its_counts_as_json(shared: Path, tmp_path: Path) -> None:
    answer = run("import-esco", shared / "esco-1.1.1", "--out", tmp_path / "e", "--json")
    assert json.loads(answer.stdout)["occupation"] == 3007


def test_failed_import_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "esco").mkdir()
    answer = run("import-esco", tmp_path / "esco", "--out", tmp_path / "out.jsonl")
    assert answer.exit_code == 1
    assert "occupations_hierarchy.csv: The file cannot be read: No such file" in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["esco"]


def test_answer_is_coded_without_esco() -> None:
    coded = json.loads(run("code-occupation", "soy albañila", "--json").stdout)
    [first, *_] = coded["candidates"]
    assert (coded["text"], first["isco"], first["es"], first["en"]) == (
        "soy albañila",
        "7112",
        "Albañiles",
        "Bricklayers",
    )
    assert (first["score"], first["words"]) == (1.0, ["albanila"])
    assert "7112  Albañiles / Bricklayers" in run("code-occupation", "albañil").stdout


def test_answer_is_coded_to_esco_with_a_catalogue(catalogue: Path) -> None:
    coded = json.loads(run("code-occupation", "pastry maker", "--esco", catalogue, "--json").stdout)
    assert coded["candidates"][0]["esco"][0] == {"code": "7512.5", "label": "pastry maker", "score": 1.0}
    assert "ESCO 7512.5  pastry maker" in run("code-occupation", "pastry maker", "--esco", catalogue).stdout


def test_answer_without_a_known_word_has_no_candidate() -> None:
    answer = run("code-occupation", "xyzzy")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert "no candidate" in answer.stderr
    assert json.loads(run("code-occupation", "xyzzy", "--json").stdout)["candidates"] == []


def test_column_of_answers_is_coded_and_other_columns_are_kept(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("id,answer\n1,albañil\n2,xyzzy\n")
    assert run("code-occupations", tmp_path / "survey.csv", "--out", tmp_path / "coded.csv").exit_code == 0
    [first, second] = csv.DictReader((tmp_path / "coded.csv").read_text().splitlines())
    assert (first["id"], first["isco_1"], first["score_1"]) == ("1", "7112", "1.0")
    assert (second["answer"], second["isco_1"], second["score_3"]) == ("xyzzy", "", "")


def test_coded_answers_are_written_as_json_with_their_reasons(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("id,answer\n1,albañil\n")
    out = tmp_path / "coded.json"
    assert run("code-occupations", tmp_path / "survey.csv", "--out", out, "--json").exit_code == 0
    [coded] = json.loads(out.read_text())
    assert (coded["id"], coded["candidates"][0]["isco"]) == ("1", "7112")
    assert coded["candidates"][0]["words"] == ["albanil"]


@pytest.mark.parametrize(
    ("survey", "message"),
    [
        ("id,answer\n", "survey.csv: The file has no answers."),
        ("answer,score_2,isco_1\nx,1,2\n", "line 1: The file already has the column isco_1, score_2."),
    ],
)
def test_survey_that_cannot_be_coded_leaves_no_file(tmp_path: Path, survey: str, message: str) -> None:
    (tmp_path / "survey.csv").write_text(survey)
    answer = run("code-occupations", tmp_path / "survey.csv", "--out", tmp_path / "coded.csv")
    assert answer.exit_code == 1
    assert message in answer.stderr
    assert not (tmp_path / "coded.csv").exists()


def test_importing_the_commands_loads_no_heavy_library() -> None:
    loaded = "import sys, market.__main__; print({'rapidfuzz', 'numpy', 'scipy'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


def test_search_finds_groups_occupations_and_skills_in_both_languages(catalogue: Path) -> None:
    assert "7531" in run("search", "costurero").stdout
    [found, *_] = json.loads(run("search", "manage musical staff", "--esco", catalogue, "--json").stdout)
    assert found | {"score": 0, "words": [], "label": ""} == {
        "kind": "skill",
        "code": "key_19422",
        "name": "manage musical staff",
        "language": "en",
        "score": 0,
        "words": [],
        "label": "",
    }


def test_people_are_matched_with_the_skills_that_they_have_and_lack(tables: tuple[Path, Path]) -> None:
    lines = list(csv.DictReader(run("match-skills", *tables, "--top", 1).stdout.splitlines()))
    assert lines == [
        {
            "person": "ana",
            "opening": "cook",
            "share": "0.6667",
            "have": "freir|higiene",
            "lack": "sazonar",
            "have_optional": "",
            "lack_optional": "inglés",
        },
        {
            "person": "luis",
            "opening": "mason",
            "share": "1.0",
            "have": "lay bricks",
            "lack": "",
            "have_optional": "",
            "lack_optional": "",
        },
    ]
    out = tables[0].parent / "matches.json"
    assert run("match-skills", *tables, "--out", out, "--json").exit_code == 0
    matches = json.loads(out.read_text())
    assert len(matches) == 4
    assert matches[0]["lack"] == ["sazonar"]


def test_opening_may_name_an_esco_occupation(catalogue: Path, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("opening,essential,optional,occupation\nstage,,,technical director\n")
    (tmp_path / "p.csv").write_text("person,skills\nana,\n")
    [match] = csv.DictReader(
        run("match-skills", tmp_path / "p.csv", tmp_path / "o.csv", "--esco", catalogue).stdout.splitlines()
    )
    assert match["lack"]
    (tmp_path / "o.csv").write_text("opening,essential,optional,occupation\nstage,,,no such trade\n")
    answer = run("match-skills", tmp_path / "p.csv", tmp_path / "o.csv", "--esco", catalogue)
    assert answer.exit_code == 1
    assert "o.csv: line 2: The occupation 'no such trade' is not in the ESCO catalogue" in answer.stderr


def test_gaps_are_listed_with_the_greatest_first(tables: tuple[Path, Path]) -> None:
    gaps = json.loads(run("skill-gaps", *tables, "--json").stdout)
    assert gaps[0] == {"skill": "sazonar", "gap": 2.0}
    assert gaps[-1] == {"skill": "lay bricks", "gap": 0.0}
    assert "+2.0  sazonar" in run("skill-gaps", *tables).stdout


@pytest.mark.parametrize(
    ("openings", "message"),
    [
        (
            "cook,a,,1\nmason,a,,1\ncook,b,,1\n",
            "line 4: The opening 'cook' occurs twice; it is already on line 2.",
        ),
        ("cook,a,,1.000\n", "line 2: posts: 1.000 may be 1 or 1000."),
        ("cook,a,,1.5\n", "line 2: The number of posts 1.5 is not a whole number."),
        ("cook,a,,1e999\n", "line 2: posts: 1e999 is more than 1000000"),
    ],
)
@pytest.mark.parametrize("command", ["match-skills", "skill-gaps"])
def test_invalid_openings_are_refused(
    tables: tuple[Path, Path], command: str, openings: str, message: str
) -> None:
    tables[1].write_text("opening,essential,optional,posts\n" + openings)
    answer = run(command, *tables)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert f"openings.csv: {message}" in answer.stderr


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_invalid_table_of_people_prints_no_result(
    tables: tuple[Path, Path], options: tuple[str, ...]
) -> None:
    tables[0].write_text("person,skills\n" + "".join(f"p{n},a\n" for n in range(2000)) + ",b\n")
    answer = run("match-skills", *tables, *options)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "people.csv: line 2002: The column person is empty" in answer.stderr


def test_invalid_table_of_people_leaves_no_file(tables: tuple[Path, Path], tmp_path: Path) -> None:
    tables[0].write_text("person,skills\nana,a\n,b\n")
    answer = run("match-skills", *tables, "--out", tmp_path / "out.csv")
    assert answer.exit_code == 1
    assert "people.csv: line 3: The column person is empty" in answer.stderr
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("command", ["match-skills", "skill-gaps"])
def test_person_that_occurs_twice_is_refused_with_both_lines(tables: tuple[Path, Path], command: str) -> None:
    tables[0].write_text("person,skills\nAna,freír\nLuz,\nAna\u00a0,higiene\n", encoding="utf-8")
    answer = run(command, *tables)
    assert answer.exit_code == 1
    assert "line 4: The person 'Ana' occurs twice; it is already on line 2." in answer.stderr
