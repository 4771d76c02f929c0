from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.skills.folding import LANGUAGES, Language, without_accents, word_of, words


@pytest.mark.parametrize(
    ("spellings", "language"),
    [
        ("albañil albañila albañiles ALBANIL Albañilas", "es"),
        ("costurera costurero costureras COSTUREROS", "es"),
        ("profesor profesora profesores profesoras", "es"),
        ("juez jueza jueces", "es"),
        ("peón peona peones", "es"),
        ("cajero cajera cajeros", "es"),
        ("electricista electricistas", "es"),
        ("gerente gerenta gerentes", "es"),
        ("cleaner cleaners", "en"),
        ("waiter waitress waitresses", "en"),
        ("secretary secretaries", "en"),
        ("fireman firemen firewoman", "en"),
    ],
)
def test_number_gender_and_accents_make_no_difference_to_the_form(spellings: str, language: Language) -> None:
    assert len({word.form for word in words(spellings, language)}) == 1


@pytest.mark.parametrize(
    ("spellings", "language"),
    [
        ("vendo vender vendedora vendía vendiendo vendedores", "es"),
        ("limpio limpieza limpiadora limpiaba limpiando", "es"),
        ("costura costurera costureros", "es"),
        ("lavandera lavo lavandería lavar lavadores", "es"),
        ("reparo reparar reparaciones", "es"),
        ("panadero panadería pan", "es"),
        ("cleaner cleaning clean", "en"),
        ("baker bakery baking", "en"),
    ],
)
def test_trade_its_place_and_its_verb_share_a_root(spellings: str, language: Language) -> None:
    assert len({word.root for word in words(spellings, language)}) == 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("vendo", "bendo"),
        ("cocinera", "cosinera"),
        ("limpieza", "limpiesa"),
        ("profesora", "profezora"),
        ("peluquera", "pelukera"),
        ("albañilería", "alvanileria"),
        ("herrero", "errero"),
        ("llantero", "yantero"),
        ("gerente", "jerente"),
    ],
)
def test_words_of_one_pronunciation_share_a_sound(right: str, wrong: str) -> None:
    assert len({word.sound for word in words(f"{right} {wrong}", "es")}) == 1


def test_different_trades_have_different_roots() -> None:
    trades = "albañil carpintero costurera cocinera conductor pescador minero barbero sastre"
    assert len({word.root for word in words(trades, "es")}) == len(trades.split())


def test_stop_words_are_left_out() -> None:
    assert [word.written for word in words("Yo trabajaba de albañil en una obra", "es")] == [
        "albanil",
        "obra",
    ]
    assert words("I was working at my job", "en") == []


@given(st.text(max_size=40), st.sampled_from(LANGUAGES))
def test_folding_a_folded_text_changes_nothing(text: str, language: Language) -> None:
    assert without_accents(without_accents(text)) == without_accents(text)
    for word in words(text, language):
        assert word == word_of(word.written, language)
        assert word.form
        assert word.root


def test_long_answer_costs_no_more_than_an_answer() -> None:
    assert len(words("albañil de casas y techos " * 50_000, "es")) < 100
    assert len(words("os" * 1_000_000, "es")[0].written) <= 400
