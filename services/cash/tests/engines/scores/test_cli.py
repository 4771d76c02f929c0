from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cash.__main__ import app
from typer.testing import CliRunner, Result

FOODS = "FCSStap,FCSPulse,FCSDairy,FCSPr,FCSVeg,FCSFruit,FCSFat,FCSSugar"
NEEDS = "FCS,rCSI,stress_coping_FS,crisis_coping_FS,emergency_coping_FS"
CARI_EXPECTED = (
    "FCSCat21",
    "FCSCat28",
    "Max_coping_behaviourFS",
    "Foodexp_4pt",
    "ECMEN_exclAsst",
    "ECMEN_exclAsst_SMEB",
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["score", *(str(argument) for argument in arguments)])


def scored(file: Path, kind: str, *options: str) -> list[dict[str, str]]:
    return list(csv.DictReader(run(file, "--kind", kind, *options).stdout.splitlines()))


def test_expected_columns_of_wfp_are_reproduced_in_all_rows(shared: Path) -> None:
    sample = shared / "wfp-ram" / "CARI_Sample_Data.csv"
    answer = run(sample, "--kind", "meb", "--json")
    with open(sample, encoding="utf-8-sig") as text:
        expected = list(csv.DictReader(text))
    households = json.loads(answer.stdout)
    assert len(households) == len(expected) == 30
    for computed, theirs in zip(households, expected, strict=True):
        assert {name: str(computed[name]) for name in CARI_EXPECTED} == {
            name: theirs[name] for name in CARI_EXPECTED
        }
    assert "note:" not in answer.stderr


def test_cari_agrees_with_wfp_syntax_as_a_lookup(shared: Path) -> None:
    """Compare with the SPSS syntax as a look-up: recode, mean of means, RND (halves away from zero)."""
    for row in scored(shared / "wfp-ram" / "CARI_Sample_Data.csv", "meb"):
        status = {"1": 4.0, "2": 3.0, "3": 2.0 if float(row["rCSI"]) >= 4 else 1.0}[row["FCSCat21"]]
        capacity = (int(row["Max_coping_behaviourFS"]) + int(row["Foodexp_4pt"])) / 2
        assert int(row["CARI_FES"]) == int((status + capacity) / 2 + 0.5)
        needs = {("1", "1"): 1, ("0", "1"): 3, ("0", "0"): 4}[
            row["ECMEN_exclAsst"], row["ECMEN_exclAsst_SMEB"]
        ]
        assert int(row["ECMEN_class_4pt"]) == needs
        capacity = (int(row["Max_coping_behaviourFS"]) + needs) / 2
        assert int(row["CARI_ECMEN"]) == int((status + capacity) / 2 + 0.5)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_invalid_survey_prints_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "survey.csv").write_text(f"{FOODS}\n1,1,1,1,1,1,1,1\n9,1,1,1,1,1,1,1\n")
    answer = run(tmp_path / "survey.csv", "--kind", "fcs", *options)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "survey.csv: line 3: FCSStap" in answer.stderr


def test_survey_without_households_is_refused(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(f"{FOODS}\n")
    answer = run(tmp_path / "survey.csv", "--kind", "fcs", "--out", tmp_path / "out.csv")
    assert answer.exit_code == 1
    assert "survey.csv: The file has a header, but no household." in answer.stderr
    assert not (tmp_path / "out.csv").exists()


def test_every_household_of_the_food_survey_is_scored(shared: Path) -> None:
    households = scored(shared / "wfp-ram" / "FCS_Sample_Survey.csv", "fcs")
    assert len(households) == 26
    weights = {"Stap": 2, "Pulse": 3, "Dairy": 4, "Pr": 4, "Veg": 1, "Fruit": 1, "Fat": 0.5, "Sugar": 0.5}
    for row in households:
        score = sum(weight * int(row[f"FCS{food}"]) for food, weight in weights.items())
        assert float(row["FCS"]) == score
        assert row["FCSCat21"] == str(1 if score < 21.5 else 2 if score < 35.5 else 3)
        assert row["FCSCat28"] == str(1 if score < 28.5 else 2 if score < 42.5 else 3)


def test_every_household_of_the_coping_survey_is_scored(shared: Path) -> None:
    households = scored(shared / "wfp-ram" / "RCSI_Sample_Survey.csv", "rcsi")
    assert len(households) == 62
    assert (households[0]["rCSI"], households[0]["rCSI_phase"]) == ("9", "2")
    weights = {"LessQlty": 1, "Borrow": 2, "MealSize": 1, "MealAdult": 3, "MealNb": 1}
    for row in households:
        assert int(row["rCSI"]) == sum(w * int(row[f"rCSI{name}"]) for name, w in weights.items())


def test_missing_answer_gives_no_score(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(f"{FOODS}\n7,7,7,7,7,7,7,\n7,n/a,7,7,7,7,7,7\n7,0,0,0,0,0,0,0\n")
    assert [row["FCS"] for row in scored(file, "fcs")] == ["", "", "14"]
    [first, *_] = json.loads(run(file, "--kind", "fcs", "--json").stdout)
    assert first["FCS"] is None
    assert "FCSCat21  1: 1, missing: 2" in run(file, "--kind", "fcs").stderr


def test_needs_are_classified_from_spending_where_it_is_known(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(
        f"{NEEDS},PCExp_ECMEN,MEB,SMEB\n50,0,0,0,0,100,100,60\n50,0,1,0,0,99.5,100,60\n50,0,0,0,1,59,100,60\n"
    )
    found = [
        (row["ECMEN_exclAsst"], row["ECMEN_class_4pt"], row["CARI_ECMEN"]) for row in scored(file, "meb")
    ]
    assert found == [("1", "1", "1"), ("0", "3", "2"), ("0", "4", "3")]


def test_sugar_and_oil_thresholds_change_cari(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(f"{NEEDS},ECMEN_exclAsst,ECMEN_exclAsst_SMEB\n40,0,0,0,0,1,1\n")
    assert [row["CARI_ECMEN"] for row in scored(file, "meb")] == ["1"]
    assert [row["CARI_ECMEN"] for row in scored(file, "meb", "--sugar-and-oil")] == ["2"]


def test_difference_from_the_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(f"{FOODS},FCS\n7,0,0,0,0,0,0,0,15\n")
    answer = run(file, "--kind", "fcs", "--out", tmp_path / "out.csv")
    assert answer.stdout == ""
    assert "s.csv: line 2: FCS is 15 in the file, 14 computed" in answer.stderr
    assert (tmp_path / "out.csv").read_text().endswith("0,14,1,1\n")


@pytest.mark.parametrize(
    ("content", "kind", "complaint"),
    [
        (f"{FOODS}\n7,0,0,0,0,0,0,0\n8,0,0,0,0,0,0,0\n", "fcs", "line 3: FCSStap: 8 is not a number of days"),
        (f"{FOODS}\n2.5,0,0,0,0,0,0,0\n", "fcs", "line 2: FCSStap: 2.5 is not a number of days"),
        (f"{FOODS}\nmany,0,0,0,0,0,0,0\n", "fcs", "line 2: FCSStap: 'many' is not a number"),
        (f"{FOODS}\n", "rcsi", "line 1: The header has no column rCSILessQlty and no column rCSIBorrow"),
        (
            f"{NEEDS}\n50,0,0,0,0\n",
            "meb",
            "line 2: The file needs the columns ECMEN_exclAsst, ECMEN_exclAsst_SMEB, or PCExp",
        ),
        (
            f"{NEEDS},ECMEN_exclAsst,ECMEN_exclAsst_SMEB\n50,0,0,0,0,1,0\n",
            "meb",
            "line 2: The household meets the MEB but not",
        ),
        (
            f"{NEEDS},ECMEN_exclAsst,ECMEN_exclAsst_SMEB\n50,0,2,0,0,1,1\n",
            "meb",
            "line 2: stress_coping_FS: 2 is more",
        ),
    ],
)
def test_invalid_survey_leaves_no_file(tmp_path: Path, content: str, kind: str, complaint: str) -> None:
    (tmp_path / "s.csv").write_text(content)
    answer = run(tmp_path / "s.csv", "--kind", kind, "--out", tmp_path / "out.csv")
    assert answer.exit_code == 1
    assert complaint in answer.stderr
    assert not (tmp_path / "out.csv").exists()


def test_unknown_kind_of_score_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "s.csv", "--kind", "happiness").exit_code == 2
