from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.matching.comparison import Comparison, compare
from intake.engines.matching.linkage import DEFAULT_THRESHOLD
from intake.engines.matching.names import NameKind, Similarity, similarity
from intake.engines.matching.person_record import PersonRecord

TUNED = Path(__file__).with_name("spanish_pairs.csv")
"""Invented people, with whom names and weights were tuned: 292 pairs of one person, 160 of two similar people."""

HELD_OUT = Path(__file__).with_name("held_out_pairs.csv")
"""80 pairs of one person and 51 of two, all hard, written and measured after the last tuning. Do not tune with them."""

WORLD = Path(__file__).with_name("world_pairs.csv")
"""Invented people with names of other scripts and languages, with whom their rules were tuned."""

HELD_OUT_WORLD = Path(__file__).with_name("held_out_world_pairs.csv")
"""199 pairs of one person and 111 of two, written after the last change of the rules, and then measured once.

Do not tune with them. Three such files before, of 391, 356 and 334 pairs, showed a recall of 0.89, 0.91 and 0.93 at a
precision of 0.99; each time the rules were mended for the kinds that were missed, and the file became a part of
`world_pairs.csv`.
"""


def _pairs(file: Path) -> list[tuple[PersonRecord, PersonRecord, bool, str]]:
    with file.open(encoding="utf-8") as text:
        return [
            (_person(row, "a"), _person(row, "b"), row["same"] == "1", row["why"])
            for row in csv.DictReader(text)
        ]


def _person(row: dict[str, str], side: str) -> PersonRecord:
    columns = ("given_name", "surname", "date_of_birth")
    return PersonRecord.from_texts(**{column: row[f"{column}_{side}"] for column in columns})


@pytest.mark.parametrize(
    ("file", "precision", "recall"), [(TUNED, 0.99, 0.985), (HELD_OUT, 0.93, 0.91)], ids=["tuned", "held out"]
)
def test_spanish_names_are_matched_without_any_identity_number(
    file: Path, precision: float, recall: float
) -> None:
    reached = _quality(file)
    assert reached[0] >= precision
    assert reached[1] >= recall


@pytest.mark.parametrize(
    ("file", "least"), [(WORLD, 0.98), (HELD_OUT_WORLD, 0.95)], ids=["tuned", "held out"]
)
def test_names_of_other_scripts_and_languages_are_matched(file: Path, least: float) -> None:
    precision, recall = _quality(file)
    assert precision >= least
    assert recall >= least


def _quality(file: Path) -> tuple[float, float]:
    """Return precision and recall at the default threshold."""
    results = [(compare(a, b).score >= DEFAULT_THRESHOLD, same) for a, b, same, _ in _pairs(file)]
    correct = sum(matched and same for matched, same in results)
    return correct / sum(matched for matched, _ in results), correct / sum(same for _, same in results)


@pytest.mark.parametrize("why", sorted({why for _, _, _, why in _pairs(TUNED)}))
def test_every_kind_of_pair_is_judged_well(why: str) -> None:
    of_kind = [
        (compare(a, b).score >= DEFAULT_THRESHOLD) == same
        for a, b, same, kind in _pairs(TUNED)
        if kind == why
    ]
    assert sum(of_kind) >= 0.8 * len(of_kind)


def _two(a: str, b: str) -> Comparison:
    """Compare two people written as `given names | surnames | birth`."""
    columns = ("given_name", "surname", "date_of_birth")
    first, second = (
        PersonRecord.from_texts(**dict(zip(columns, map(str.strip, text.split("|")), strict=True)))
        for text in (a, b)
    )
    return compare(first, second)


@pytest.mark.parametrize(
    ("a", "b", "evidence"),
    [
        ("Rosa | Cevallos Vera | 1984", "Rosa | Zeballos Vera | 1984", "cevallos ~ zeballos, sound"),
        ("Pepe | Tenorio | 1984", "José | Tenorio | 1984", "pepe ~ jose, variant"),
        ("Marisol | Cabarcas | 1984", "Marisol | Cabarcsa | 1984", "cabarcas ~ cabarcsa, typo"),
        ("Ana | Peralta Mora | 1984", "Ana | Mora Peralta | 1984", "in another order"),
        ("Ana | Peralta Mora | 1984", "Ana | Peralta | 1984", "mora on one side only"),
        ("Ana | Peralta de Ruiz | 1984", "Ana | Peralta Mora | 1984", "mora on one side only"),
        ("Peralta Mora | Ana | 1984", "Ana | Peralta Mora | 1984", "in another field"),
        ("María José | Soto | 1984", "Mariajosé | Soto | 1984", "maria jose ~ mariajose, sound"),
        ("Ana | Soto | 1984-03-05", "Ana | Soto | 1984-05-03", "day and month swapped"),
        ("L. | Soto | 1984", "Luis | Soto | 1984", "l ~ luis, initial"),
        ("Rosa | Quispe | 1984", "Rosa | Quispi | 1984", "quispe ~ quispi, vowel"),
        ("Ana | Soto | 1984", "Eva | Soto | 1984", "ana ≠ eva"),
    ],
)
def test_the_explanation_names_the_evidence(a: str, b: str, evidence: str) -> None:
    assert evidence in str(_two(a, b))


def test_the_parts_and_the_prior_add_up_to_the_score() -> None:
    found = _two("Rosa | Cevallos Vera | 1984-03-05", "Rosa | Zeballos Vera | 1984-03-05")
    assert found.alternative == "relative"
    assert found.bits == pytest.approx(-2.0 + sum(part.relative for part in found.parts))
    assert found.score == pytest.approx(2**found.bits / (1 + 2**found.bits))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Juan", "Juana"),
        ("Julio", "Julia"),
        ("Daniel", "Daniela"),
        ("María", "Marta"),
        ("Kevin", "Kelvin"),
        ("Darwin", "Darlin"),
        ("Yuleisi", "Yuleidi"),
        ("Luis", "Luisita"),
        ("Juanito", "Juanita"),
        ("Ana", "Anabel"),
        ("Luz", "Lucas"),
        ("Michel", "Michelle"),
        ("Salma", "Salim"),
    ],
)
def test_another_gender_or_another_known_name_is_no_misspelling(a: str, b: str) -> None:
    assert similarity(a.lower(), b.lower(), "given") is None


NICKNAMES = (
    "Chema/José Lolita/Dolores Huguito/Hugo Lucecita/Luz Carmita/Carmen Manolito/Manuel Rosi/Rosa Juanca/Juan "
    "Mayito/Mario Pili/Pilar Polo/Leopoldo Cris/Cristina Cris/Cristian Nati/Natalia Fredy/Alfredo Mari/María"
)


@pytest.mark.parametrize("names", [*NICKNAMES.split(), "Wuilian/William", "Brigitte/Brigith"])
def test_a_nickname_is_matched(names: str) -> None:
    first, second = names.split("/")
    born = "Cevallos Vera | 1984-03-05"
    assert _two(f"{first} | {born}", f"{second} | {born}").score >= 0.9


@pytest.mark.parametrize(
    ("a", "b", "kind", "relation"),
    [
        ("djamel", "jamal", "given", Similarity.TRANSLITERATION),
        ("bouchareb", "bousharab", "surname", Similarity.TRANSLITERATION),
        ("cabdiraxmaan", "abdirahman", "given", Similarity.TRANSLITERATION),
        ("lucienne", "lisyen", "given", Similarity.TRANSLITERATION),
        ("oluwaseun", "seun", "given", Similarity.VARIANT),
        ("jigneshbhai", "jignesh", "given", Similarity.VARIANT),
        ("chaudhary", "chowdhury", "surname", Similarity.TYPO),
        ("muuse", "musa", "surname", Similarity.VARIANT),
        ("kuznetsova", "kuznetsov", "surname", Similarity.SOUND),
        ("belenkaya", "belenky", "surname", Similarity.SOUND),
        ("kowalska", "kowalski", "surname", Similarity.SOUND),
        ("elidrissi", "idrissi", "surname", Similarity.SOUND),
        ("ennaimi", "naimi", "surname", Similarity.SOUND),
        ("jamal", "jamil", "given", None),
        ("ahmad", "hamad", "given", Similarity.SHORT_TYPO),
    ],
)
def test_the_spellings_of_other_languages_are_read(
    a: str, b: str, kind: NameKind, relation: Similarity | None
) -> None:
    assert similarity(a, b, kind) is relation


@pytest.mark.parametrize(
    ("a", "b", "evidence"),
    [
        ("Gul Ahmad Rahim | Noorzai | 1980", "Gulahmad | Noorzai | 1980", "gulahmad"),
        ("زين الدين | خوري | 1980", "Zeineddine | Khoury | 1980", "zeineddine, consonants"),
        ("نور | بن علي | 1980", "Nour | Benali | 1980", "benali, consonants"),
        ("संजय | सिंह | 1980", "Sanjay | Singh | 1980", "singh, consonants"),
        ("Lina | 曾 | 1980", "Lina | Tseng | 1980", "zeng ~ tseng, variant"),
        ("Duclos | Bellegarde | 1980", "Duclos | Belgad | 1980", "bellegarde ≠ belgad"),
    ],
)
def test_names_are_compared_as_they_are_joined_and_read(a: str, b: str, evidence: str) -> None:
    assert evidence in str(_two(a, b))


def test_surnames_that_resemble_one_another_are_weak_evidence() -> None:
    born = "1984-03-05"
    assert _two(f"Nadia | Duclos | {born}", f"Nadia | Diklo | {born}").score > 0.5
    assert _two(f"Nadia | Duclos | {born}", f"Nadia | Pierre | {born}").score < 0.5


def test_a_misspelling_is_no_evidence_between_relatives() -> None:
    comparison = _two("Aitziber | Vera | 1984-03-05", "Aitzibel | Vera | 1984-03-05")
    (given,) = [part for part in comparison.parts if part.name == "given_name"]
    assert given.stranger > 0 == given.relative


def test_two_names_with_one_nickname_are_different() -> None:
    assert similarity("beto", "alberto", "given") is Similarity.VARIANT
    assert similarity("beto", "roberto", "given") is Similarity.VARIANT
    assert similarity("alberto", "roberto", "given") is None


def test_an_address_alone_does_not_match_members_of_a_household() -> None:
    home = {"suburb": "El Coco", "address_1": "Calle 4", "postcode": "1001", "street_number": "7"}
    mother = PersonRecord.from_texts(
        given_name="Rosa", surname="Soto Gil", date_of_birth="1984-03-05", **home
    )
    child = PersonRecord.from_texts(given_name="Luz", surname="Ruiz Soto", date_of_birth="2012-07-09", **home)
    assert compare(mother, child).score < 0.01


ROSA = PersonRecord.from_texts(
    given_name="Rosa", surname="Soto", date_of_birth="1984-03-05", sex="f", document="8-123-456"
)


def test_the_same_document_number_outweighs_other_names() -> None:
    other = replace(ROSA, given=("luz",), surnames=("mora",), born=None)
    assert compare(ROSA, other).score >= DEFAULT_THRESHOLD


def test_the_same_document_number_does_not_outweigh_names_sex_and_generation() -> None:
    other = PersonRecord.from_texts(
        given_name="Luis", surname="Mora", date_of_birth="2004-07-11", sex="m", document="8-123-456"
    )
    assert compare(ROSA, other).score < DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("mine", "theirs", "is_one"),
    [
        ({"document_kind": "passport"}, {"document_kind": "passport"}, True),
        ({"document_kind": "passport"}, {}, True),
        ({"document_kind": "passport"}, {"document_kind": "cedula"}, False),
        ({"document_issuer": "PA"}, {"document_issuer": "CN"}, False),
    ],
)
def test_one_number_of_another_kind_or_issuer_is_weak(
    mine: dict[str, str], theirs: dict[str, str], is_one: bool
) -> None:
    other = replace(ROSA, given=("luz",), surnames=("mora",), born=None, **theirs)
    assert (compare(replace(ROSA, **mine), other).score >= DEFAULT_THRESHOLD) is is_one
    twice = compare(replace(ROSA, **mine), replace(ROSA, **theirs))
    assert twice.score > 0.99


@pytest.mark.parametrize("born", ["1990-01-01", "01/01/1990", "1990"])
@pytest.mark.parametrize("names", ["Amina/Amira", "Keiner/Keider", "محمد/احمد", "Wei/Wen"])
def test_relatives_with_a_conventional_birthday_stay_two_people(born: str, names: str) -> None:
    first, second = names.split("/")
    assert _two(f"{first} | Hassan | {born}", f"{second} | Hassan | {born}").score < DEFAULT_THRESHOLD


@pytest.mark.parametrize("born", ["1900-01-01", "01/01/1900", "31/12/9999"])
def test_a_birthday_that_a_form_filled_in_is_unknown(born: str) -> None:
    assert PersonRecord.from_texts(given_name="Ana", date_of_birth=born).born is None


given_names = st.sampled_from(["rosa", "roza", "pepe", "jose", "ma", "juan", "juana", "l", "anamaria", "ana"])
surnames = st.sampled_from(["huaman", "guaman", "de", "la", "cruz", "vera", "rosa", "jose"])
people = st.builds(
    PersonRecord.from_texts,
    given_name=st.lists(given_names, max_size=3).map(" ".join),
    surname=st.lists(surnames, max_size=4).map(" ".join),
    date_of_birth=st.sampled_from(["", "1984", "1984-03-05", "1984-05-03", "1959-01-01", "2011-12-12"]),
    sex=st.sampled_from(["", "f", "m"]),
    document=st.sampled_from(["", "8123456", "8123465", "990"]),
    telephone=st.sampled_from(["", "6000 0001", "+507 6000-0001", "6000 0002"]),
    suburb=st.sampled_from(["", "El Coco", "El Cocó", "Guadalupe"]),
)


@given(people, people)
def test_the_order_of_two_records_makes_no_difference(a: PersonRecord, b: PersonRecord) -> None:
    assert compare(a, b).bits == pytest.approx(compare(b, a).bits)


@given(people)
def test_a_record_has_no_evidence_against_itself(person: PersonRecord) -> None:
    assert all(min(part.stranger, part.relative) >= 0 for part in compare(person, person).parts)


def test_long_name_costs_no_more_than_a_name() -> None:
    long = " ".join(f"nombre{number}" for number in range(20_000))
    record = PersonRecord.from_texts(given_name=long, surname=long, document=long, suburb=long)
    assert len(record.given) <= 12
    assert len(record.surnames) <= 12
    assert max(map(len, (record.document, record.address["suburb"]))) <= 400
    assert compare(record, record).score > 0.9


def test_placeholder_is_no_document_that_two_people_share():
    one = PersonRecord.from_texts(given_name="Rosa", surname="Soto", document="NO TIENE")
    other = PersonRecord.from_texts(given_name="Luis", surname="Mora", document="no tiene")
    assert (one.document, other.document) == ("", "")


@pytest.mark.parametrize("name", ["N.N.", "sin nombre", "XXX", "Desconocido"])
def test_a_placeholder_is_no_name(name: str) -> None:
    record = PersonRecord.from_texts(given_name=name, surname="---", telephone="0000 0000")
    assert (record.given, record.surnames, record.telephone) == ((), (), "")


def test_placeholders_of_an_operator_are_known_too() -> None:
    record = PersonRecord.from_texts(
        given_name="Pendiente Cédula", document="S-N/A", placeholders=("pendiente cedula", "s n a")
    )
    assert (record.given, record.document) == ((), "")
