"""The place of the scenario in each country, without servers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from demonstration.__main__ import app
from demonstration.city import small_city
from demonstration.parts import cash
from demonstration.people import crowd_registrations, new_family
from demonstration.place import NoDemonstration, Place
from demonstration.scenario import ScenarioFailed
from solidary.language.country import FOLDER_VARIABLE, countries, packs_folder
from stack import Stack, StackError
from stack.agencies import AGENCIES, agencies_of
from typer.testing import CliRunner

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("country", countries())
def test_every_country_has_its_own_city_documents_and_money(country: str) -> None:
    place = Place.of(country)
    west, south, east, north = place.pack.bounds
    city = small_city(place)
    assert city["pcode"].startswith(country)
    assert len(city["cells"]["features"]) > 100
    assert all(south < lat < north and west < lng < east for lat, lng in place.located.values())
    family = new_family(TODAY, place)
    document = family.grandmother["documents"][0]
    assert place.pack.documents[document["kind"]].identity
    assert family.mother["language"] == place.pack.languages[0]
    areas = {body["household"]["area"] for body in crowd_registrations(TODAY, place)}
    assert areas == set(place.crowd_areas) <= set(place.city.areas)
    assert place.asylum.id.startswith(country.lower())
    assert cash._rule(place, place.currency)["currency"] == place.currency
    assert [agency.alias for agency in agencies_of(country)] == [agency.alias for agency in AGENCIES]


def test_the_demonstration_of_panama_has_the_agencies_as_they_are_written() -> None:
    assert agencies_of("PA") == AGENCIES


def test_a_country_without_a_city_has_no_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (packs_folder() / "PA.toml").read_text(encoding="utf-8").partition("\n[demonstration]")[0]
    text = text.replace('code = "PA"', 'code = "BO"', 1).replace('code = "PAB"', 'code = "BOB"')
    (tmp_path / "BO.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv("SOLIDARY_STATE", str(tmp_path / "state"))
    with pytest.raises(NoDemonstration, match=r"has no section \[demonstration\]"):
        Place.of("BO")
    for country in ("BO", "CO"):
        result = CliRunner().invoke(app, ["play", "--country", country])
        assert isinstance(result.exception, ScenarioFailed)


def test_an_instance_keeps_its_country(tmp_path: Path) -> None:
    assert Stack(tmp_path).country == "PA"
    assert Stack(tmp_path, country="CO").country == "CO"
    (tmp_path / "country").write_text("CO\n")
    assert Stack(tmp_path).country == "CO"
    with pytest.raises(StackError, match="has an instance of CO, not of EC"):
        Stack(tmp_path, country="EC")
