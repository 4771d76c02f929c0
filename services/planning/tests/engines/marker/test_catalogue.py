"""Catalogues: what is read, what is refused and where."""

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


def test_defaults_are_equal_weights_and_the_range_found(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(PLAIN)
    book = read(path)
    [indicator] = book.indicators
    assert (indicator.weight, indicator.normalisation) == (1, Normalisation.range)
    assert indicator.direction is Direction.more
    assert book.areas[0].composed
    assert book.minimum_coverage == pytest.approx(2 / 3)


def test_the_catalogue_of_panama_has_the_markers_five_areas() -> None:
    book = read(Path(planning.engines.marker.__file__).with_name("panama.toml"))
    assert [area.id for area in book.areas] == [
        "housing",
        "health",
        "education",
        "employment",
        "public_space",
    ]
    assert len(book.indicators) == 22


BROKEN = {
    "not TOML": ("area = [", None, "is not TOML"),
    "no indicators": (PLAIN.split("indicator")[0], "/indicator", "at least one"),
    "an unknown area": (PLAIN.replace('area = "housing"', 'area = "home"'), "/dimension/0", "'home'"),
    "an unknown direction": (PLAIN.replace('"more"', '"up"'), "/indicator/0", "direction 'up'"),
    "a word unknown": (PLAIN.replace("column", "kolumn"), "/indicator/0", "knows no kolumn"),
    "a weight of nothing": (PLAIN.replace('"more"', '"more", weight = 0'), "/indicator/0/weight", "above 0"),
    "no bounds": (PLAIN.replace('"more"', '"more", normalisation = "bounds"'), "/indicator/0", "bounds"),
    "one name for two": (PLAIN.replace("services", "housing"), "/dimension", "stands twice"),
    "an area called as the index": (PLAIN.replace("housing", "index"), "/area/0", "index's own"),
    "a dimension called as the coverage": (
        PLAIN.replace("services", "coverage"),
        "/dimension/0",
        "index's own",
    ),
    "an empty area": (
        PLAIN.replace('"housing" }]', '"housing" }, { id = "health" }]', 1),
        "/area/1",
        "nothing",
    ),
    "no index": (PLAIN.replace('"housing" }]', '"housing", composed = false }]', 1), "area", "no index"),
    "coverage of 2": ("minimum_coverage = 2\n" + PLAIN, "minimum_coverage", "at most 1"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_catalogue_is_told_by_place(
    tmp_path: Path, text: str, place: str | None, reason: str
) -> None:
    path = tmp_path / "book.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=reason) as caught:
        read(path)
    assert place is None or caught.value.place == place
