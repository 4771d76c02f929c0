"""Truths and sexes are read where they have one meaning."""

from __future__ import annotations

import pytest
from solidary.language.coded import parse_sexes, parse_truth
from solidary.language.codes.people import Sex


@pytest.mark.parametrize("text", ["true", "TRUE", "Verdadero", "SÍ", "si", "yes", "1", "x"])
def test_words_for_yes_are_true(text):
    assert parse_truth(text)


@pytest.mark.parametrize("text", ["false", "FALSE", "Falso", "NO", "0", "n"])
def test_words_for_no_are_false(text):
    assert not parse_truth(text)


@pytest.mark.parametrize("text", ["", "2", "perhaps", "T"])
def test_other_words_are_neither(text):
    with pytest.raises(ValueError, match="neither yes nor no"):
        parse_truth(text)


@pytest.mark.parametrize(
    ("column", "sexes"),
    [
        (["Mujer", "Hombre", ""], [Sex.FEMALE, Sex.MALE, Sex.UNKNOWN]),
        (["F", "m", "X"], [Sex.FEMALE, Sex.MALE, Sex.OTHER]),
        (["H", "M"], [Sex.MALE, Sex.FEMALE]),
        (["M"], [Sex.MALE]),
        (["FEMENINO", "Masculino"], [Sex.FEMALE, Sex.MALE]),
        (["1", "2", "9", ""], [Sex.MALE, Sex.FEMALE, Sex.UNKNOWN, Sex.UNKNOWN]),
    ],
)
def test_sexes_of_a_column_are_read_together(column, sexes):
    assert list(parse_sexes(column).values()) == sexes


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (["F", "H", "M"], "M may be male or «mujer»"),
        (["F", "Q"], "'Q' is no sex"),
        (["F", "1"], "'1' is no sex"),
    ],
)
def test_column_of_sexes_with_two_meanings_is_refused(column, reason):
    with pytest.raises(ValueError, match=reason):
        parse_sexes(column)
