"""Tests of the command `python -m planning site`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from planning.__main__ import app
from typer.testing import CliRunner

from .test_distances import cells, lines

GRAPH = "4 3 1\n1 2 3\n2 3 4\n3 4 5\n"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["site", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "graph.txt"
    path.write_text(GRAPH)
    return path


def test_the_median_of_a_graph(graph: Path) -> None:
    code, out, _ = run(graph, "--model", "pmedian", "--json")
    assert code == 0
    assert json.loads(out) == {
        "model": "pmedian",
        "p": 1,
        "objective": 16,
        "sites": [2],
        "proven": True,
        "bound": 16,
        "gap": 0.0,
    }


def test_maximal_covering_reports_the_covered_share(graph: Path) -> None:
    code, out, _ = run(graph, "--model", "mclp", "--p", 1, "--radius", 4, "--json")
    outcome = json.loads(out)
    assert code == 0
    assert (outcome["objective"], outcome["sites"], outcome["covered_share"]) == (3, [2], 0.75)


def test_cells_have_the_same_site_with_and_without_streets_along_them(tmp_path: Path) -> None:
    path = cells(tmp_path, {"weight": 1}, {"weight": 4}, {"weight": 1})
    code, out, _ = run(path, "--model", "pmedian", "--p", 1)
    assert (code, "sites: c1" in out) == (0, True)
    streets = lines(tmp_path, [(0, 0), (0.01, 0), (0.02, 0)])
    assert run(path, "--model", "pmedian", "--p", 1, "--streets", streets)[1] == out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--model", "mclp", "--p", "1"], "needs a --radius"),
        (["--model", "pmedian", "--p", "5"], "between 1 and the 4 candidates"),
        (["--model", "pmedian", "--slope", "x"], "are for GeoJSON files"),
    ],
)
def test_an_unsupported_request_exits_2_with_the_reason(graph: Path, arguments: list[str], why: str) -> None:
    code, out, err = run(graph, *arguments)
    assert (code, out) == (2, "")
    assert why in err


def test_places_that_no_site_can_reach_are_named(tmp_path: Path, graph: Path) -> None:
    graph.write_text("4 2 1\n1 2 3\n3 4 5\n")
    code, _, err = run(graph, "--model", "pmedian", "--p", 1)
    assert (code, "No choice of 1 site was found that every place can reach." in err) == (2, True)
    assert run(graph, "--model", "pmedian", "--p", 2)[0] == 0
    path = cells(tmp_path, {"weight": 1}, {"candidate": True})
    disconnected = lines(tmp_path, [(0, 0), (0, 0.001)], [(0.01, 0), (0.01, 0.001)])
    code, _, err = run(path, "--model", "pmedian", "--p", 1, "--streets", disconnected)
    assert (code, "1 place can reach no candidate: c0." in err) == (2, True)


def test_a_broken_file_exits_1_with_the_place_of_the_error(tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text('{"type": "FeatureCollection",\n "features": [{}\n {}]}')
    code, out, err = run(path, "--model", "pmedian", "--p", 1)
    assert (code, out) == (1, "")
    assert f"{path}: " in err


def test_a_missing_library_of_an_extra_exits_2_with_the_command_that_installs_it(graph: Path) -> None:
    without = "import sys; sys.modules['scipy'] = None; from planning.__main__ import app; app()"
    command = [sys.executable, "-c", without, "site", str(graph), "--model", "pmedian"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: The library scipy is not installed.")
    assert "pip install 'solidary-planning[siting]'" in done.stderr


def marked(folder: Path, *marks: object, **second: object) -> Path:
    """Write points a degree apart with these marks; `second` replaces members of the second feature."""
    features = [
        {
            "type": "Feature",
            "id": f"p{number}",
            "geometry": {"type": "Point", "coordinates": [-79 - number, 8]},
            "properties": {"weight": 10, "candidate": mark},
        }
        for number, mark in enumerate(marks)
    ]
    if second:
        features[1] |= second
    path = folder / "points.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("marked_as", ["TRUE", "Verdadero", "Sí", "1", 1, True])
@pytest.mark.parametrize("unmarked_as", ["FALSE", "no", 0, "", None])
def test_candidates_are_marked_in_each_usual_way(
    tmp_path: Path, marked_as: object, unmarked_as: object
) -> None:
    code, out, _ = run(
        marked(tmp_path, unmarked_as, marked_as, unmarked_as), "--model", "pmedian", "--p", 1, "--json"
    )
    assert (code, json.loads(out)["sites"]) == (0, ["p1"])


@pytest.mark.parametrize(
    ("second", "place", "reason"),
    [
        ({"id": "p0"}, "/features/1/id", "The feature at /features/0 has the same id 'p0'."),
        (
            {"properties": {"weight": 1, "candidate": "perhaps"}},
            "/features/1/properties/candidate",
            "neither yes",
        ),
        ({"properties": {"weight": True}}, "/features/1/properties/weight", "not a number"),
        ({"properties": {"weight": "12.345"}}, "/features/1/properties/weight", "may be 12.3450 or 12345"),
        ({"properties": {"weight": "1_0"}}, "/features/1/properties/weight", "not a number"),
        ({"geometry": {"type": "Point", "coordinates": [8, -79]}}, "/features/1/geometry", "are exchanged"),
        ({"geometry": None}, "/features/1/geometry", "must be a geometry"),
    ],
)
def test_feature_that_cannot_be_used_is_named(
    tmp_path: Path, second: dict[str, object], place: str, reason: str
) -> None:
    path = marked(tmp_path, None, None, **second)
    code, _, err = run(path, "--model", "pmedian", "--p", 1, "--country", "PA")
    assert code == 1
    assert f"{place}: " in err
    assert reason in err
