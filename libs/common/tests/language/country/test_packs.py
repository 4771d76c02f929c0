from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pycountry
import pytest
import stdnum
from hypothesis import given
from hypothesis import strategies as st
from solidary.language import country
from solidary.language.codes.currencies import CURRENCIES
from solidary.language.codes.languages import Language
from solidary.language.codes.pathways import PathwayKind
from solidary.language.country import ApplicationWindow, Deadline, InvalidPack, ReviewStatus, Source

SOURCE = Source(text="a decree", reviewed=date(2026, 11, 1), review=ReviewStatus.TO_BE_REVIEWED)


@pytest.mark.parametrize("code", country.countries())
def test_pack_has_the_code_and_currency_of_its_country(code: str) -> None:
    pack = country.load_pack(code)
    assert pack.code == code
    currency = pycountry.currencies.get(alpha_3=pack.currency.code)
    assert currency is not None
    assert pack.currency.minor_units == 2
    assert pack.zone().key.startswith("America/")
    assert {Language.SPANISH, Language.ENGLISH} & set(pack.languages)


EXTREMES = {
    "CO": [(-81.85, 12.17), (-81.61, 4.0), (-69.95, -4.23), (-66.85, 1.23), (-78.65, 15.89)],
    "DO": [(-72.01, 19.6), (-71.64, 17.47), (-68.32, 18.61), (-71.01, 19.93)],
    "EC": [(-92.01, 1.68), (-91.66, -0.37), (-79.02, -5.01), (-75.19, -0.99)],
    "PA": [(-83.05, 8.3), (-81.81, 7.2), (-81.75, 7.47), (-77.16, 7.5), (-79.55, 9.65)],
    "PE": [(-81.33, -4.68), (-80.7, -6.93), (-70.37, -18.35), (-68.65, -12.5), (-75.2, -0.04)],
    "TT": [(-62.02, 10.08), (-61.93, 10.06), (-60.98, 10.04), (-60.5, 11.3), (-60.52, 11.36)],
}
"""Longitude and latitude of the outermost land of each country, islands included, as the packs name it."""


@pytest.mark.parametrize("code", EXTREMES)
def test_bounds_hold_the_outermost_land_and_little_more(code: str) -> None:
    west, south, east, north = country.load_pack(code).bounds
    longitudes, latitudes = zip(*EXTREMES[code], strict=True)
    margins = (min(longitudes) - west, min(latitudes) - south, east - max(longitudes), north - max(latitudes))
    assert all(0.03 < margin < 0.4 for margin in margins), margins


@pytest.mark.parametrize("code", country.countries())
def test_every_pack_has_pathways_for_asylum_school_health_registration_and_legal_aid(code: str) -> None:
    kinds = {pathway.kind for pathway in country.load_pack(code).pathways.values()}
    assert kinds >= {
        PathwayKind.ASYLUM,
        PathwayKind.EDUCATION_ACCESS,
        PathwayKind.HEALTH_ACCESS,
        PathwayKind.CIVIL_REGISTRATION,
        PathwayKind.LEGAL_ASSISTANCE,
    }


@pytest.mark.parametrize("code", country.countries())
def test_no_statement_of_law_is_confirmed_yet(code: str) -> None:
    pack = country.load_pack(code)
    sources = [source for pathway in pack.pathways.values() for source in pathway.all_sources]
    sources += [source for rail in pack.rails.values() for source in rail.sources]
    sources += pack.data_protection.sources
    assert sources
    assert ReviewStatus.CONFIRMED not in {source.review for source in sources}


@pytest.mark.parametrize("code", country.countries())
def test_pathways_exclude_each_other_on_both_sides(code: str) -> None:
    pathways = country.load_pack(code).pathways
    assert all(
        pathway.id in pathways[other].excludes for pathway in pathways.values() for other in pathway.excludes
    )


@pytest.mark.parametrize("code", country.countries())
def test_modules_that_check_document_numbers_exist(code: str) -> None:
    for document in country.load_pack(code).documents.values():
        if document.stdnum:
            code_of_country, _, number = document.stdnum.partition(".")
            assert stdnum.get_cc_module(code_of_country, number) is not None, document.stdnum


def test_demand_maps_are_not_public_where_raids_are_a_risk() -> None:
    assert {code for code in country.countries() if not country.load_pack(code).publication.demand_map} == {
        "DO",
        "TT",
    }


@pytest.mark.parametrize(
    ("code", "length", "unit"),
    [("PA", 6, "months"), ("CO", 2, "months"), ("EC", 90, "days"), ("DO", 15, "days")],
)
def test_filing_deadlines_are_those_of_the_reference(code: str, length: int, unit: str) -> None:
    (pathway,) = country.load_pack(code).pathways_of(PathwayKind.ASYLUM)
    assert pathway.deadline
    assert (pathway.deadline.length, pathway.deadline.unit) == (length, unit)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-01-15", 6, "2026-07-15"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
    ],
)
def test_deadline_in_months_ends_on_the_same_day_or_on_the_last_of_the_month(
    start: str, months: int, last: str
) -> None:
    deadline = Deadline(length=months, unit="months", source=SOURCE)
    assert deadline.last_day(date.fromisoformat(start)) == date.fromisoformat(last)


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(1, 400))
def test_deadline_in_days_is_that_many_days_later(start: date, days: int) -> None:
    assert (Deadline(length=days, unit="days", source=SOURCE).last_day(start) - start).days == days


def test_window_includes_its_first_and_last_day() -> None:
    window = ApplicationWindow(opens=date(2025, 9, 1), closes=date(2026, 4, 30))
    assert [
        window.includes(date(*day)) for day in [(2025, 8, 31), (2025, 9, 1), (2026, 4, 30), (2026, 5, 1)]
    ] == [
        False,
        True,
        True,
        False,
    ]
    assert ApplicationWindow().includes(date(1900, 1, 1))


def test_country_without_a_pack_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="no country pack for 'XX'"):
        country.load_pack("XX")


PANAMA = (country.packs_folder() / "PA.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('timezone = "America/Panama"', 'timezone = "America/Nowhere"', "/timezone"),
        ("minor_units = 2", 'minor_units = "two"', "/currency/minor_units"),
        ('code = "PAB"', 'code = "PBB"', "/currency/code: PBB is not a currency of ISO 4217"),
        (
            'sources = [{ text = "Formato por banco',
            'fuentes = [{ text = "Formato por banco',
            "/rails/ach/sources",
        ),
        ('sources = [{ text = "ISO 20022', 'sources = [] # [{ text = "ISO 20022', "/rails/iso20022/sources"),
        ("[[pathways.pa-asylum.sources]]", "[[pathways.pa-asylum.fuentes]]", "/pathways/pa-asylum/sources"),
        ('documents = ["birth_certificate"', 'documents = ["moon_certificate"', "moon_certificate"),
        ('kind = "asylum"', 'kind = "asilo"', "/pathways/pa-asylum/kind"),
        ("informs_origin = true", "informs_orgin = true", "informs_orgin"),
        ("visit = 24\n", "", "/data_protection/retention_months"),
        ("access_entry = 96", "access_entry = 84", "kept for 96 months or more"),
        ("[currency]", "[currency", "line"),
    ],
)
def test_invalid_pack_is_reported_with_the_entry_and_the_reason(old: str, new: str, reason: str) -> None:
    assert old in PANAMA
    with pytest.raises(InvalidPack, match=reason):
        country.parse_pack(PANAMA.replace(old, new, 1))


def _without(name: str) -> str:
    kept, skip = [], False
    for line in PANAMA.splitlines():
        if line.startswith("["):
            skip = line == name
        if not skip:
            kept.append(line)
    tomllib.loads("\n".join(kept))
    return "\n".join(kept)


def test_contact_with_the_country_of_origin_needs_a_warning() -> None:
    with pytest.raises(InvalidPack, match="needs a warning"):
        country.parse_pack(_without("[pathways.pa-late-birth-venezuela.warning]"))


def test_currencies_are_those_of_iso_4217_that_people_pay_with() -> None:
    known = {currency.alpha_3 for currency in pycountry.currencies}
    assert known >= CURRENCIES
    assert {code for code in known - CURRENCIES if not code.startswith("X")} == set()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs of an operator, with one pack."""
    folder = tmp_path / "countries"
    folder.mkdir()
    monkeypatch.setenv(country.FOLDER_VARIABLE, str(folder))
    return folder


def test_a_seventh_country_is_one_file(folder: Path) -> None:
    text = PANAMA.replace('code = "PA"', 'code = "BO"', 1).replace('code = "PAB"', 'code = "BOB"')
    (folder / "BO.toml").write_text(text, encoding="utf-8")
    assert country.countries() == ("BO",)
    assert country.load_pack("BO").currency.code == "BOB"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code = \n", r"BO\.toml is not a country pack:\n.*line 1"),
        (PANAMA, r"BO\.toml is not a country pack:\n/code: PA is not the code in the file's name"),
        (PANAMA.replace('code = "PAB"', 'code = "PBB"'), r"BO\.toml is not a country pack:\n/currency/code"),
    ],
)
def test_a_wrong_pack_is_named_with_its_file(folder: Path, text: str, reason: str) -> None:
    (folder / "BO.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidPack, match=reason):
        country.load_pack("BO")


def test_a_pack_outside_its_folder_is_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "BO.toml").write_text(PANAMA.replace('code = "PA"', 'code = "BO"', 1), encoding="utf-8")
    (folder / "BO.toml").symlink_to(tmp_path / "BO.toml")
    with pytest.raises(InvalidPack, match="leads out of its folder"):
        country.load_pack("BO")
    with pytest.raises(KeyError, match="no country pack"):
        country.load_pack("../BO")


def test_a_missing_folder_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(country.FOLDER_VARIABLE, str(folder / "elsewhere"))
    with pytest.raises(InvalidPack, match=r"no folder of country packs in .*elsewhere"):
        country.countries()
