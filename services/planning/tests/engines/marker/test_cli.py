"""Tests of the command `python -m planning marker` on small cells and on the real cells of Panama."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import planning.engines.marker
import pytest
from planning.__main__ import app
from typer.testing import CliRunner

from .test_catalogue import PLAIN

PANAMA = Path(planning.engines.marker.__file__).with_name("panama.toml")


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["marker", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def collection(folder: Path, *waters: object) -> Path:
    path = folder / "cells.geojson"
    features = [{"type": "Feature", "geometry": None, "properties": {"water": water}} for water in waters]
    path.write_text(json.dumps({"type": "FeatureCollection", "name": "Town", "features": features}))
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "book.toml"
    path.write_text(PLAIN)
    return path


def test_the_marker_is_added_to_each_cell(tmp_path: Path, catalogue: Path) -> None:
    cells = collection(tmp_path, 10, "20", None)
    code, out, _ = run(cells, "--catalogue", catalogue)
    written = json.loads(out)
    assert code == 0
    assert written["name"] == "Town"
    assert [one["properties"]["marker_index"] for one in written["features"]] == [0, 100, None]
    assert [one["properties"]["marker_coverage"] for one in written["features"]] == [1, 1, 0]
    assert [one["properties"]["water"] for one in written["features"]] == [10, "20", None]


def test_the_summary_counts_missing_values(tmp_path: Path, catalogue: Path) -> None:
    code, out, _ = run(collection(tmp_path, 10, 20, None), "--catalogue", catalogue, "--json")
    summary = json.loads(out)
    assert code == 0
    assert (summary["cells"], summary["scored"], summary["missing"]) == (3, 2, {"water": 1})


@pytest.mark.parametrize(
    ("waters", "place"),
    [((1, "wet"), "/features/1/properties/water"), ((None, None), "/indicator"), ((), "/indicator")],
)
def test_broken_cells_exit_1_and_write_no_file(
    tmp_path: Path, catalogue: Path, waters: tuple[object, ...], place: str
) -> None:
    out = tmp_path / "out.geojson"
    code, printed, err = run(collection(tmp_path, *waters), "--catalogue", catalogue, "--out", out)
    assert (code, printed, out.exists()) == (1, "", False)
    assert place in err


@pytest.mark.parametrize(
    "text", ['{"type": "FeatureCollection", "features": [{}', "[]", "{}", '{"features": 3}']
)
def test_a_file_that_is_not_a_feature_collection_is_rejected(
    tmp_path: Path, catalogue: Path, text: str
) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text(text)
    code, _, err = run(path, "--catalogue", catalogue)
    assert (code, str(path) in err) == (1, True)


def test_the_cells_of_panama_get_their_marker(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "marked.geojson"
    code, printed, _ = run(
        shared / "panama-un-habitat" / "cells.geojson", "--catalogue", PANAMA, "--out", out, "--json"
    )
    summary = json.loads(printed)
    assert code == 0
    assert summary["cells"] == summary["scored"] == 2686
    marked = json.loads(out.read_text())["features"]
    index = [cell["properties"]["marker_index"] for cell in marked]
    assert all(0 <= one <= 100 for one in index)
    assert summary["index"] == pytest.approx(sum(index) / len(index), abs=1e-3)


def test_the_identities_of_the_real_cells_hold(shared: Path) -> None:
    """Check density, evenness of land use (ln 5 = 1.61 at most) and slope-weighted proximity, cell by cell."""
    cells = json.loads((shared / "panama-un-habitat" / "cells.geojson").read_text())["features"]
    column = {
        name: np.array([float(cell["properties"][name]) for cell in cells])
        for name in cells[0]["properties"]
        if name.startswith(("D", "Pop", "Area_Km", "Shannon")) and name not in ("DISTRITO",)
    }
    np.testing.assert_allclose(column["Dens_Res"], column["Pop_2020"] / column["Area_Km"], rtol=1e-9)
    evenness = 100 * np.maximum(column["Shannon"], 0) / 1.61  # one cell has −0.03, which was cut off at 0
    np.testing.assert_allclose(column["Shannon_E"], evenness, rtol=1e-9, atol=1e-8)
    for straight, sloped in [
        ("DIST_SALUD", "DxP_SALUD"),
        ("DIST_EDUCA", "DxP_EDUCA"),
        ("DIST_EP", "DxP_EP"),
        ("DIST_BIBLI", "DxP_BIBLIO"),
    ]:
        away = column[straight] > 0
        factors = column[sloped][away] / column[straight][away]
        assert set(np.round(factors, 6)) == {1, 1.25, 1.5, 1.75, 2}
        assert (column[sloped][~away] == 0).all()


def test_a_folder_as_output_is_rejected_before_the_input_is_read(tmp_path: Path, catalogue: Path) -> None:
    cells = tmp_path / "none.geojson"
    code, out, err = run(cells, "--catalogue", catalogue, "--out", tmp_path)
    assert (code, out) == (1, "")
    assert f"{tmp_path}: This is a folder, not a file." in err
