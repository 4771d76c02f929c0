"""Answers that name a situation are counted by it, and never coded to a trade."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from market.__main__ import app
from market.engines.skills.coding import Coder
from market.engines.skills.situations import LabourForceStatus, ReadAnswer, Situation, read_answer
from typer.testing import CliRunner

ANSWERS = {
    Situation.HOME: """ama de casa|Soy ama de casa|amo de casa|hogar|me dedico al hogar|labores del hogar
        quehaceres domésticos
        oficios del hogar|housewife|I am a stay-at-home mom|homemaker|femme au foyer|mère au foyer|metrès kay
        cuido la casa""",
    Situation.CARE: """cuido a mis hijos|cuida a sus hijos|Cuido de mi mamá enferma|al cuidado de sus nietos
        cuido a los hijos
        taking care of my children|I look after my mother|je m'occupe de mes enfants|m ap okipe timoun mwen yo|madre""",
    Situation.STUDY: """estudiante|Soy estudiante de enfermería|estudio|estudiando en la universidad|alumna
        voy a la escuela
        student|I go to school|étudiante|élève|etidyan|elèv|studying law""",
    Situation.RETIRED: "jubilado|Jubilada|pensionado|pensionista|retired|pensioner|retraité|à la retraite|retrete",
    Situation.UNABLE: "discapacitado|persona con discapacidad|no puedo trabajar|disabled|unable to work|malade",
    Situation.SEEKING: """desempleado|Desempleada|desocupada|sin trabajo|buscando trabajo|Busco empleo|estoy sin chamba
        unemployed|looking for a job|au chômage|chômeuse|je cherche du travail|chomè|m ap chèche travay
        pa gen travay""",
    Situation.NONE: "ninguno|Ninguna|nada|no trabajo|No tengo trabajo|none|I don't work|aucun|rien|okenn|anyen|N/A",
}
CASES = [
    (text.strip(), situation)
    for situation, texts in ANSWERS.items()
    for text in texts.replace("\n", "|").split("|")
]


@pytest.mark.parametrize(("answer", "situation"), CASES)
def test_situation_is_recognised_and_not_coded(answer: str, situation: Situation) -> None:
    assert read_answer(answer) == ReadAnswer(situation, "")


TRADES = """cuido niños|niñera|cuidadora de ancianos|empleada doméstica|servicio doméstico|trabajo en casa de familia
        limpio casas
    maestra|estudié contabilidad|vendo empanadas|trabajo en un estudio de fotografía|bibliotecario escolar
    jefe de hogares de ancianos|housekeeper|nanny|teacher|student advisor|madre superiora|pensión de huéspedes"""


@pytest.mark.parametrize("answer", [text.strip() for text in TRADES.replace("\n", "|").split("|")])
def test_trade_is_no_situation(answer: str) -> None:
    assert read_answer(answer).situation is None


@pytest.mark.parametrize(
    ("answer", "situation", "rest"),
    [
        ("ama de casa y vendo empanadas", Situation.HOME, "vendo empanadas"),
        ("jubilado, fui maestro", Situation.RETIRED, "fui maestro"),
        ("cuido a mis hijos y nietos", Situation.CARE, ""),
        ("student and waiter", Situation.STUDY, "waiter"),
        ("", None, ""),
    ],
)
def test_rest_of_an_answer_may_name_a_trade(answer: str, situation: Situation | None, rest: str) -> None:
    read = read_answer(answer)
    assert (read.situation, read.rest) == (situation, rest)


def test_every_situation_has_a_status_of_the_labour_force() -> None:
    assert {situation.status for situation in Situation} == set(LabourForceStatus)


def test_situation_has_no_candidate_beside_it() -> None:
    coder = Coder()
    assert coder.code("ama de casa").candidates == []
    assert coder.code("ama de casa y vendo empanadas").candidates != []


def test_commands_print_and_count_situations(tmp_path: Path) -> None:
    run = CliRunner().invoke
    printed = run(app, ["code-occupation", "ama de casa"])
    assert "own_household" in printed.stdout
    assert json.loads(run(app, ["code-occupation", "busco trabajo", "--json"]).stdout)["work_situation"] == {
        "code": "seeking_work",
        "labour_force_status": "unemployed",
    }
    survey, out = tmp_path / "survey.csv", tmp_path / "coded.csv"
    survey.write_text("id,answer\n1,Ama de casa\n2,albañil\n3,estudio\n", encoding="utf-8")
    done = run(app, ["code-occupations", str(survey), "--out", str(out)])
    assert done.exit_code == 0, done.output
    first, second, third = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (first["isco_1"], first["work_situation"], first["labour_force_status"]) == (
        "",
        "own_household",
        "outside_labour_force",
    )
    assert (second["isco_1"], second["work_situation"], third["work_situation"]) == ("7112", "", "study")
    assert "own_household 1, study 1" in done.stderr
