"""`python -m planning site`, as its users meet it."""

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


def test_who_is_covered(graph: Path) -> None:
    code, out, _ = run(graph, "--model", "mclp", "--p", 1, "--radius", 4, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["objective"], told["sites"], told["covered_share"]) == (3, [2], 0.75)


def test_cells_by_streets_and_without(tmp_path: Path) -> None:
    path = cells(tmp_path, {"weight": 1}, {"weight": 4}, {"weight": 1})
    code, out, _ = run(path, "--model", "pmedian", "--p", 1)
    assert (code, "sites: c1" in out) == (0, True)
    streets = lines(tmp_path, [(0, 0), (0.01, 0), (0.02, 0)])
    assert run(path, "--model", "pmedian", "--p", 1, "--streets", streets)[1] == out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--model", "mclp", "--p", "1"], "needs a --radius"),
        (["--model", "pmedian", "--p", "5"], "from 1 to the 4 candidates"),
        (["--model", "pmedian", "--slope", "x"], "concern GeoJSON"),
    ],
)
def test_what_it_cannot_do_it_says_with_exit_2(graph: Path, arguments: list[str], why: str) -> None:
    code, out, err = run(graph, *arguments)
    assert (code, out) == (2, "")
    assert why in err


def test_places_that_no_site_can_reach_are_named(tmp_path: Path, graph: Path) -> None:
    graph.write_text("4 2 1\n1 2 3\n3 4 5\n")
    code, _, err = run(graph, "--model", "pmedian", "--p", 1)
    assert (code, "no 1 sites found that everyone can reach" in err) == (2, True)
    assert run(graph, "--model", "pmedian", "--p", 2)[0] == 0
    path = cells(tmp_path, {"weight": 1}, {"candidate": True})
    apart = lines(tmp_path, [(0, 0), (0, 0.001)], [(0.01, 0), (0.01, 0.001)])
    code, _, err = run(path, "--model", "pmedian", "--p", 1, "--streets", apart)
    assert (code, "1 places can reach no candidate: c0" in err) == (2, True)


def test_a_broken_file_exits_1_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text('{"type": "FeatureCollection",\n "features": [{}\n {}]}')
    code, out, err = run(path, "--model", "pmedian", "--p", 1)
    assert (code, out) == (1, "")
    assert f"{path}: " in err


def test_a_library_of_an_extra_that_is_not_installed_exits_2_and_says_how_to_install_it(graph: Path) -> None:
    without = "import sys; sys.modules['scipy'] = None; from planning.__main__ import app; app()"
    command = [sys.executable, "-c", without, "site", str(graph), "--model", "pmedian"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: scipy is not installed;")
    assert "pip install 'solidary-planning[siting]'" in done.stderr
