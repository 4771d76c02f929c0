"""Tests of reading catalogues, and of the errors of broken ones."""

from __future__ import annotations

from pathlib import Path

import planning.engines.marker
import pytest
from planning.engines.marker.catalogue import Direction, Normalisation, read
from solidary.files.command_line import InvalidInput

PLAIN = """area = [{ id = "housing" }]
dimension = [{ id = "services", area = "housing" }]
indicator = [{ column = "water", direction = "more", dimension = "services" }]
"""


def test_defaults_are_equal_weights_and_normalisation_by_range(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(PLAIN)
    catalogue = read(path)
    [indicator] = catalogue.indicators
    assert (indicator.weight, indicator.normalisation) == (1, Normalisation.RANGE)
    assert indicator.direction is Direction.MORE
    assert catalogue.areas[0].composed
    assert catalogue.minimum_coverage == pytest.approx(2 / 3)


def test_the_catalogue_of_panama_has_the_five_areas_of_the_marker() -> None:
    catalogue = read(Path(planning.engines.marker.__file__).with_name("panama.toml"))
    assert [area.id for area in catalogue.areas] == [
        "housing",
        "health",
        "education",
        "employment",
        "public_space",
    ]
    assert len(catalogue.indicators) == 22


BROKEN = {
    "not TOML": ("area = [", None, "The file is not TOML"),
    "no indicators": (PLAIN.split("indicator")[0], "/indicator", "at least one"),
    "an unknown area": (PLAIN.replace('area = "housing"', 'area = "home"'), "/dimension/0", "'home'"),
    "an unknown direction": (PLAIN.replace('"more"', '"up"'), "/indicator/0", "direction 'up'"),
    "an unknown key": (PLAIN.replace("column", "kolumn"), "/indicator/0", "has no key kolumn"),
    "a weight of zero": (PLAIN.replace('"more"', '"more", weight = 0'), "/indicator/0/weight", "above 0"),
    "no bounds": (
        PLAIN.replace('"more"', '"more", normalisation = "bounds"'),
        "/indicator/0",
        "needs a low and a high",
    ),
    "one id for two": (PLAIN.replace("services", "housing"), "/dimension", "is used twice"),
    "an area with a reserved id": (PLAIN.replace("housing", "index"), "/area/0", "reserved for the index"),
    "a dimension with a reserved id": (
        PLAIN.replace("services", "coverage"),
        "/dimension/0",
        "reserved for the index",
    ),
    "an empty area": (
        PLAIN.replace('"housing" }]', '"housing" }, { id = "health" }]', 1),
        "/area/1",
        "is empty",
    ),
    "no index": (PLAIN.replace('"housing" }]', '"housing", composed = false }]', 1), "/area", "no index"),
    "coverage of 2": ("minimum_coverage = 2\n" + PLAIN, "/minimum_coverage", "at most 1"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_catalogue_is_reported_with_its_place(
    tmp_path: Path, text: str, place: str | None, reason: str
) -> None:
    path = tmp_path / "book.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=reason) as caught:
        read(path)
    assert place is None or caught.value.place == place
