from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, date, datetime

import pytest
import solidary.language.codes
from hypothesis import given
from hypothesis import strategies as st
from solidary.language.codes import specific_needs
from solidary.language.codes.code_list import CodeList
from solidary.language.codes.people import AgeBand, Community, PopulationGroup, age
from solidary.language.codes.specific_needs import ConfidentialityTier, InvalidNeedsList
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording

MODULES = [
    importlib.import_module(f"solidary.language.codes.{m.name}")
    for m in pkgutil.iter_modules(solidary.language.codes.__path__)
]
LISTS = sorted(
    {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, CodeList) and value is not CodeList
    },
    key=lambda code_list: code_list.__name__,
)


@pytest.mark.parametrize("code_list", LISTS, ids=lambda code_list: code_list.__name__)
def test_every_code_has_a_wording_in_both_languages(code_list: type[CodeList]) -> None:
    assert all(code.wording.es and code.wording.en for code in code_list)
    assert len({code.wording.es for code in code_list}) == len(code_list)
    assert code_list.__doc__


def test_wording_falls_back_to_spanish() -> None:
    wording = Wording("Hola", "Hello")
    assert [wording.in_language(tag) for tag in ("es-PA", "en-TT", "EN", "ht")] == [
        "Hola",
        "Hello",
        "Hello",
        "Hola",
    ]


@pytest.mark.parametrize(
    ("years", "band"),
    [
        *[(0, "0-4"), (4, "0-4"), (5, "5-11"), (11, "5-11"), (12, "12-17"), (17, "12-17")],
        *[(18, "18-59"), (59, "18-59"), (60, "60+"), (104, "60+")],
    ],
)
def test_age_bands_are_those_of_unhcr(years: int, band: str) -> None:
    assert AgeBand.of_age(years) == band


def test_negative_age_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        AgeBand.of_age(-1)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2020-11-23", "2026-11-22", 5),
        ("2020-11-23", "2026-11-23", 6),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
    ],
)
def test_age_is_in_completed_years(born: str, on: str, years: int) -> None:
    assert age(date.fromisoformat(born), date.fromisoformat(on)) == years


def test_every_population_group_belongs_to_one_community() -> None:
    assert {group.community for group in PopulationGroup} == set(Community)


def test_urgency_sets_the_due_time() -> None:
    requested_at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert [
        (Urgency(code).due(requested_at) - requested_at).total_seconds() / 3600
        for code in ("emergency", "urgent", "normal")
    ] == [
        24,
        72,
        336,
    ]


NEEDS = specific_needs.load_specific_needs()


@pytest.mark.parametrize(
    "code", [c for c in NEEDS.codes if c.startswith(("SV-", "TR-"))] + ["CR-AF", "SC-UC", "SM-MI"]
)
def test_codes_that_a_specialist_records_are_restricted(code: str) -> None:
    assert NEEDS.is_restricted(code)


@pytest.mark.parametrize("code", ["LP-ND", "CR-NE", "WG-VIS", "SM", "SP-PT"])
def test_everyday_needs_of_the_front_desk_are_ordinary(code: str) -> None:
    assert NEEDS.tier(code) is ConfidentialityTier.ORDINARY


def test_unknown_code_is_restricted() -> None:
    assert NEEDS.is_restricted("XX-YY")


def test_every_group_has_a_code_and_the_former_disability_list_is_retired() -> None:
    assert {need.group for need in NEEDS.codes.values()} == set(NEEDS.groups)
    assert all(need.retired == (need.group == "DS") for need in NEEDS.codes.values())


@given(st.sampled_from(sorted(NEEDS.codes)))
def test_list_that_discloses_a_restricted_code_is_refused(code: str) -> None:
    group = code.partition("-")[0]
    text = f"""
        version = "1"
        source = "a country"
        [groups]
        {group} = {{ es = "a", en = "b" }}
        [codes]
        {code} = {{ tier = "ordinary", es = "a", en = "b" }}
    """
    if group in {"SV", "TR"} or code in {"CR-AF", "SC-UC"}:
        with pytest.raises(InvalidNeedsList, match=code):
            specific_needs.parse_specific_needs(text)
    else:
        assert specific_needs.parse_specific_needs(text).tier(code) is ConfidentialityTier.ORDINARY


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('CR-NE = { es = "a", en = "b" }', "the tier is None"),
        ('CR-NE = { tier = "secret", es = "a", en = "b" }', "'secret'"),
        ('CR-NE = { tier = "ordinary", es = "a" }', "missing in Spanish"),
        ('ZZ-NE = { tier = "ordinary", es = "a", en = "b" }', "the group ZZ does not exist"),
    ],
)
def test_inconsistent_list_is_refused(row: str, reason: str) -> None:
    with pytest.raises(InvalidNeedsList, match=reason):
        specific_needs.parse_specific_needs(
            f'version = "1"\nsource = "x"\n[groups]\nCR = {{ es = "a", en = "b" }}\n[codes]\n{row}\n'
        )
